namespace Codomyrmex.Networking.Ssh;

/// <summary>How much room a remote file system has (<c>statvfs@openssh.com</c>).</summary>
/// <param name="TotalBytes">Its size.</param>
/// <param name="FreeBytes">What is free for this user.</param>
/// <param name="FreeFiles">How many more files this user may make.</param>
/// <param name="IsReadOnly">Whether nothing can be written.</param>
/// <param name="LongestName">The most bytes of a name.</param>
public sealed record SftpSpace(long TotalBytes, long FreeBytes, long FreeFiles, bool IsReadOnly, long LongestName);
