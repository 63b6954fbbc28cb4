namespace Codomyrmex.Networking.Ssh;

/// <summary>What a remote file is.</summary>
public enum SftpFileKind
{
    /// <summary>The server does not say.</summary>
    Unknown,

    /// <summary>An ordinary file.</summary>
    File,

    /// <summary>A directory.</summary>
    Directory,

    /// <summary>A symbolic link.</summary>
    SymbolicLink,

    /// <summary>A device, a socket or a pipe.</summary>
    Special,
}
