using System.Runtime.InteropServices;

namespace Codomyrmex.Networking.Transport.Linux;

/// <summary>What is asked of a descriptor, and what it says (struct pollfd, poll(2)).</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct PollRequest
{
    public int Descriptor;
    public short Wanted;
    public short Ready;
}
