using System.Net.Sockets;
using System.Runtime.InteropServices;

namespace Codomyrmex.Networking.Ssh.Internal.Engine;

/// <summary>
/// A connection for somebody who knows only calls that wait. The platform's socket, once it was used by calls that do not, sends every wait by way of its own thread: two switches of threads, and some spinning, for each
/// time that nothing is there yet. Another socket on the same connection waits in the kernel.
/// </summary>
internal static class BlockingSocket
{
    // Linux; on x64 and ARM64 alike.
    private const int DuplicateNotInherited = 1030; // F_DUPFD_CLOEXEC
    private const int GetStatus = 3; // F_GETFL
    private const int SetStatus = 4; // F_SETFL
    private const int NonBlocking = 0x800; // O_NONBLOCK

    /// <summary>Another socket on the same connection, or the same where the platform has none. Of the first no more may be asked than to be disposed, as well as the second.</summary>
    public static Socket Of(Socket socket)
    {
        if (!OperatingSystem.IsLinux() || RuntimeInformation.ProcessArchitecture is not (Architecture.X64 or Architecture.Arm64))
            return socket;
        var status = Control(socket.SafeHandle, GetStatus, 0);
        var copy = status < 0 ? -1 : Control(socket.SafeHandle, DuplicateNotInherited, 0);
        if (copy < 0)
            return socket;
        var handle = new SafeSocketHandle(copy, ownsHandle: true);
        // The status is the connection's, not the descriptor's.
        if (Control(handle, SetStatus, status & ~NonBlocking) == 0)
            return new Socket(handle);
        handle.Dispose();
        return socket;
    }

    [DllImport("libc", EntryPoint = "fcntl")]
    private static extern int Control(SafeHandle descriptor, int command, int argument);
}
