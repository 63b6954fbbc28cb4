using System.Runtime.InteropServices;

namespace Codomyrmex.Networking.Transport.Linux;

/// <summary>A message with its peer, its pieces and its control messages (struct msghdr).</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct MessageHeader
{
    public nint Name;
    public uint NameLength;
    public nint Pieces;
    public nuint PieceCount;
    public nint Control;
    public nuint ControlLength;
    public int Flags;
}
