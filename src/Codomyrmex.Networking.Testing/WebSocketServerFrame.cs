namespace Codomyrmex.Networking.Testing;

/// <summary>A frame that a client sent to a <see cref="WebSocketServer"/>. Immutable.</summary>
/// <param name="Opcode">The opcode.</param>
/// <param name="IsFinal">Whether it ends its message (FIN).</param>
/// <param name="Rsv">The three reserved bits: 4 is RSV1, 2 RSV2, 1 RSV3.</param>
/// <param name="MaskKey">The key it was masked with, the first octet in the highest bits; null where it was not masked.</param>
/// <param name="Length">The payload's length in bytes.</param>
public sealed record WebSocketServerFrame(WebSocketOpcode Opcode, bool IsFinal, int Rsv, uint? MaskKey, long Length)
{
    /// <summary>The payload, unmasked: whole where it was just received, its first 125 bytes in <see cref="WebSocketServerConnection.Frames"/>.</summary>
    public ReadOnlyMemory<byte> Payload { get; init; }

    /// <summary>Opcode, marks and length.</summary>
    public override string ToString() =>
        $"{Opcode}{(IsFinal ? "" : " (more)")}{(Rsv == 0 ? "" : $" rsv {Rsv}")}{(MaskKey is null ? " unmasked" : "")}, {Length} bytes";
}
