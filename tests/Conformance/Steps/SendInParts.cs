using Codomyrmex.Networking.Testing;

namespace Codomyrmex.Networking.Tests.Conformance.Steps;

/// <summary>Sends a compressed message in frames of so many bytes: the platform deflates it, without a context of messages before.</summary>
internal sealed record SendInParts(bool IsText, ReadOnlyMemory<byte> Bytes, int Part) : IStep
{
    public async Task PlayAsync(WebSocketServerConnection connection, CancellationToken cancellationToken)
    {
        using var all = new MemoryStream();
        await using var deflate = new System.IO.Compression.DeflateStream(all, System.IO.Compression.CompressionLevel.Fastest, leaveOpen: true);
        deflate.Write(Bytes.Span);
        deflate.Flush();
        var rest = new ReadOnlyMemory<byte>(all.GetBuffer(), 0, (int)all.Length - 4);
        var (opcode, rsv) = (IsText ? WebSocketOpcode.Text : WebSocketOpcode.Binary, 4);
        for (; rest.Length > Part; rest = rest[Part..], (opcode, rsv) = (WebSocketOpcode.Continuation, 0))
            await connection.SendFrameAsync(opcode, rest[..Part], isFinal: false, rsv, cancellationToken);
        await connection.SendFrameAsync(opcode, rest, isFinal: true, rsv, cancellationToken);
    }
}
