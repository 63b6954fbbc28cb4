using System.Runtime.InteropServices;

namespace Codomyrmex.Networking.Transport.Linux;

/// <summary>A piece of memory (struct iovec).</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct MessagePiece
{
    public nint Address;
    public nuint Length;
}
