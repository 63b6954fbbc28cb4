using System.Runtime.InteropServices;
using System.Text;

namespace Codomyrmex.Networking.Ssh.Internal;

/// <summary>
/// One writer of a folder at a time, among all processes that ask here. It waits; the platform's locks on files fail at once instead. On Windows, where a file that is
/// written has no other writer anyway, nothing is done.
/// </summary>
internal sealed class FolderLock : IDisposable
{
    private const int Exclusive = 2; // LOCK_EX

    private readonly int _descriptor;

    private FolderLock(int descriptor) => _descriptor = descriptor;

    // O_RDONLY | O_CLOEXEC
    private static int Flags => OperatingSystem.IsLinux() ? 0x80000 : 0x1000000;

    public static FolderLock Take(string folder)
    {
        if (OperatingSystem.IsWindows())
            return new(-1);
        var descriptor = Open(Encoding.UTF8.GetBytes(folder + '\0'), Flags);
        // Where a file system has no locks, a line is still written in one piece.
        if (descriptor >= 0)
            _ = Lock(descriptor, Exclusive);
        return new(descriptor);
    }

    public void Dispose()
    {
        if (_descriptor >= 0)
            _ = Close(_descriptor);
    }

    [DllImport("libc", EntryPoint = "open")]
    private static extern int Open(byte[] path, int flags);

    [DllImport("libc", EntryPoint = "flock")]
    private static extern int Lock(int descriptor, int operation);

    [DllImport("libc", EntryPoint = "close")]
    private static extern int Close(int descriptor);
}
