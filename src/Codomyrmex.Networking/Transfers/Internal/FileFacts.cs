using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Text;

namespace Codomyrmex.Networking.Transfers.Internal;

/// <summary>What Linux knows of a file beyond what the platform tells: its kind and its owner. Symbolic links are not followed.</summary>
/// <param name="IsRegular">Whether it is an ordinary file.</param>
/// <param name="IsOwn">Whether it belongs to this process's user.</param>
/// <param name="IsPrivate">Whether it belongs to this process's user, and nobody else may read or write it.</param>
internal readonly partial record struct FileFacts(bool IsRegular, bool IsOwn, bool IsPrivate)
{
    private const int CurrentFolder = -100; // AT_FDCWD
    private const int NoFollow = 0x100; // AT_SYMLINK_NOFOLLOW
    private const uint TypeModeAndUser = 0x1 | 0x2 | 0x8; // STATX_TYPE, STATX_MODE, STATX_UID

    /// <summary>The facts; null where there is no such file, or no Linux.</summary>
    public static FileFacts? Of(string path)
    {
        if (!OperatingSystem.IsLinux())
            return null;
        // struct statx has the same layout on every architecture, unlike struct stat.
        var facts = new byte[256];
        if (Statx(CurrentFolder, Encoding.UTF8.GetBytes(path + '\0'), NoFollow, TypeModeAndUser, facts) != 0)
            return null;
        var user = BinaryPrimitives.ReadUInt32LittleEndian(facts.AsSpan(20));
        var mode = BinaryPrimitives.ReadUInt16LittleEndian(facts.AsSpan(28));
        var isRegular = (mode & 0xF000) == 0x8000;
        var isOwn = user == EffectiveUser();
        return new FileFacts(isRegular, isOwn, isRegular && isOwn && (mode & 0x3F) == 0);
    }

    [LibraryImport("libc", EntryPoint = "statx")]
    private static partial int Statx(int folder, byte[] path, int flags, uint mask, byte[] facts);

    [LibraryImport("libc", EntryPoint = "geteuid")]
    private static partial uint EffectiveUser();
}
