namespace Codomyrmex.Networking.Ssh;

/// <summary>A name in a remote directory.</summary>
/// <param name="Path">The directory's path and the name.</param>
/// <param name="Name">The name, as the server gave it: it may hold anything but a slash, and is to be shown escaped.</param>
/// <param name="Attributes">What is known of it; of a symbolic link, not of where it leads.</param>
public sealed record SftpEntry(string Path, string Name, SftpAttributes Attributes)
{
    /// <summary>What it is.</summary>
    public SftpFileKind Kind => Attributes.Kind;
}
