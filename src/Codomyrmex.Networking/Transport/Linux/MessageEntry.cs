using System.Runtime.InteropServices;

namespace Codomyrmex.Networking.Transport.Linux;

/// <summary>A message among many, and how long it was (struct mmsghdr).</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct MessageEntry
{
    public MessageHeader Header;
    public uint Length;
}
