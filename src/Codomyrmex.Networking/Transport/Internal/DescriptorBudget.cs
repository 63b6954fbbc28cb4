using Codomyrmex.Networking.Transport.Linux;

namespace Codomyrmex.Networking.Transport.Internal;

/// <summary>How many sockets may be opened without starving the rest of the process.</summary>
internal static class DescriptorBudget
{
    /// <summary>What the limit leaves after what is open now and a reserve: an eighth of the limit, 256 at most.</summary>
    public static int Available()
    {
        if (!Libc.IsSupported)
            return 1024;
        var limit = LinuxSocket.DescriptorLimit();
        return (int)Math.Clamp(limit - Open() - Math.Min(256, limit / 8), 1, 1_000_000);
    }

    private static long Open()
    {
        try
        {
            return Directory.EnumerateFileSystemEntries("/proc/self/fd").LongCount();
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return 64;
        }
    }
}
