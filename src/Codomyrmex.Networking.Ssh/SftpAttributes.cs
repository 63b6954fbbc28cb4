namespace Codomyrmex.Networking.Ssh;

/// <summary>What is known of a remote file, or is to be changed of it: null is not known, or left as it is. Immutable.</summary>
public sealed record SftpAttributes
{
    private const uint KindMask = 0xF000;

    /// <summary>Its size in bytes.</summary>
    public long? Size { get; init; }

    /// <summary>Its owner's number.</summary>
    public uint? UserId { get; init; }

    /// <summary>Its group's number. Owner and group are changed together.</summary>
    public uint? GroupId { get; init; }

    /// <summary>Its kind and permissions as POSIX writes them (<c>st_mode</c>).</summary>
    public uint? Mode { get; init; }

    /// <summary>When it was read last, to the second.</summary>
    public DateTimeOffset? Accessed { get; init; }

    /// <summary>When it was changed last, to the second. Both times are changed together.</summary>
    public DateTimeOffset? Modified { get; init; }

    /// <summary>Its permissions.</summary>
    public UnixFileMode? Permissions => Mode is { } mode ? (UnixFileMode)(mode & 0xFFF) : null;

    /// <summary>What it is.</summary>
    public SftpFileKind Kind => (Mode & KindMask) switch
    {
        0x8000 => SftpFileKind.File,
        0x4000 => SftpFileKind.Directory,
        0xA000 => SftpFileKind.SymbolicLink,
        null or 0 => SftpFileKind.Unknown,
        _ => SftpFileKind.Special,
    };

    /// <summary>Attributes that change the permissions and nothing else.</summary>
    /// <param name="permissions">The permissions.</param>
    public static SftpAttributes OfPermissions(UnixFileMode permissions) => new() { Mode = (uint)permissions };
}
