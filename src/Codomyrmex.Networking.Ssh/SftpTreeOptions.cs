namespace Codomyrmex.Networking.Ssh;

/// <summary>How a directory is sent, fetched or made equal. Immutable.</summary>
public sealed record SftpTreeOptions
{
    /// <summary>The defaults: everything, eight files at a time, nothing overwritten or deleted.</summary>
    public static SftpTreeOptions Default { get; } = new();

    /// <summary>How each file goes. Its <see cref="SftpTransferOptions.Progress"/> is told the bytes of all files together.</summary>
    public SftpTransferOptions Transfer { get; init; } = SftpTransferOptions.Default;

    /// <summary>
    /// Whether a file or directory is taken, by its path below the one that is transferred, with slashes; that of a directory ends with one. A directory that is not taken is not looked
    /// into. The default value is null: everything.
    /// </summary>
    public Func<string, bool>? Filter { get; init; }

    /// <summary>How many files go at a time, 1 to 64. The default value is 8.</summary>
    public int Parallel { get; init; } = 8;

    /// <summary>Whether symbolic links are followed; they are left out otherwise. One that leads to what is above it would never end. The default value is false.</summary>
    public bool FollowLinks { get; init; }

    /// <summary>For synchronising: whether what the source does not have is deleted from the target, unless the filter leaves it out. The default value is false.</summary>
    public bool Delete { get; init; }

    /// <summary>The most files, directories and links that a directory may have with all below it. The default value is 1,000,000.</summary>
    public int MaxEntries { get; init; } = 1_000_000;

    /// <summary>Throws where a value makes no sense.</summary>
    /// <exception cref="ArgumentException">A property is wrong; its name is in the message.</exception>
    public void Validate()
    {
        ArgumentNullException.ThrowIfNull(Transfer, "SftpTreeOptions.Transfer");
        Transfer.Validate();
        ArgumentOutOfRangeException.ThrowIfLessThan(Parallel, 1, "SftpTreeOptions.Parallel");
        ArgumentOutOfRangeException.ThrowIfGreaterThan(Parallel, 64, "SftpTreeOptions.Parallel");
        ArgumentOutOfRangeException.ThrowIfLessThan(MaxEntries, 1, "SftpTreeOptions.MaxEntries");
    }
}
