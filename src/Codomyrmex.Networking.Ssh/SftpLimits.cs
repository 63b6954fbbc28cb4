namespace Codomyrmex.Networking.Ssh;

/// <summary>What a server takes in one request (<c>limits@openssh.com</c>, or what every server takes).</summary>
/// <param name="ReadBytes">The most bytes of one read.</param>
/// <param name="WriteBytes">The most bytes of one write.</param>
/// <param name="OpenHandles">The most open files and directories; 0 where it does not say.</param>
public sealed record SftpLimits(int ReadBytes, int WriteBytes, long OpenHandles);
