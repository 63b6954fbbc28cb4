using System.Runtime.InteropServices;
using System.Text;
using Microsoft.Win32.SafeHandles;

namespace Codomyrmex.Networking.Transfers.Internal;

/// <summary>What the platform lacks to make files outlive a loss of power, on Linux; elsewhere nothing is done.</summary>
internal static partial class Durable
{
    private const int ReadOnlyNotInherited = 0x80000; // O_RDONLY | O_CLOEXEC

    /// <summary>Makes the names in a folder durable: a new or renamed file is only safe when its folder is.</summary>
    public static void SyncFolder(string path)
    {
        if (!OperatingSystem.IsLinux())
            return;
        var descriptor = Open(Encoding.UTF8.GetBytes(path + '\0'), ReadOnlyNotInherited);
        if (descriptor < 0)
            return;
        // Some file systems cannot; the file itself is safe, and there is nothing more to do.
        _ = Sync(descriptor);
        _ = Close(descriptor);
    }

    /// <summary>Takes the room for a file at once, where the file system can without writing; false where the disk has not as much.</summary>
    public static bool Allocate(SafeFileHandle file, long bytes)
    {
        if (!OperatingSystem.IsLinux())
            return true;
        return Allocate(file, 0, 0, bytes) == 0 || Marshal.GetLastPInvokeError() != 28; // ENOSPC
    }

    /// <summary>The mode of a file that is made without asking for one: all may read and write it, but for the process's mask.</summary>
    public static UnixFileMode DefaultMode()
    {
        const UnixFileMode All = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead | UnixFileMode.GroupWrite | UnixFileMode.OtherRead | UnixFileMode.OtherWrite;
        const string Field = "Umask:";
        // umask(2) can only be asked by changing it, for a moment and for every thread.
        var line = OperatingSystem.IsLinux() ? File.ReadLines("/proc/self/status").FirstOrDefault(text => text.StartsWith(Field, StringComparison.Ordinal)) : null;
        return All & ~(UnixFileMode)(line is null ? 0b000_010_010 : Convert.ToInt32(line[Field.Length..].Trim(), 8));
    }

    [LibraryImport("libc", EntryPoint = "open")]
    private static partial int Open(byte[] path, int flags);

    [LibraryImport("libc", EntryPoint = "fsync")]
    private static partial int Sync(int descriptor);

    [LibraryImport("libc", EntryPoint = "close")]
    private static partial int Close(int descriptor);

    [LibraryImport("libc", EntryPoint = "fallocate", SetLastError = true)]
    private static partial int Allocate(SafeFileHandle file, int mode, long offset, long length);
}
