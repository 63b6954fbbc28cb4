namespace Codomyrmex.Networking.Sockets.Internal;

/// <summary>Bytes as they come.</summary>
internal sealed class RawFraming : Framing
{
    public override int Overhead => 0;

    public override FrameScan Scan(ReadOnlySpan<byte> received, ref int searched) => FrameScan.Complete(0, received.Length, received.Length);

    public override string ToString() => "raw";
}
