namespace Codomyrmex.Networking.Ssh;

/// <summary>How files are sent and fetched. Immutable.</summary>
public sealed record SftpTransferOptions
{
    /// <summary>The defaults: new files, on the disk before they get their name.</summary>
    public static SftpTransferOptions Default { get; } = new();

    /// <summary>Whether a file that exists is replaced; without it that is an error. The default value is false.</summary>
    public bool Overwrite { get; init; }

    /// <summary>
    /// Whether to go on where an earlier run was interrupted. What it left counts only where the file's size and time are the same. The default value is false.
    /// </summary>
    public bool Resume { get; init; }

    /// <summary>Whether an interrupted transfer leaves what it has for a later run, beside the target. The default value is true.</summary>
    public bool KeepPartial { get; init; } = true;

    /// <summary>
    /// Whether both sides' SHA-256 are compared before the file gets its name. The server computes its own where <c>sha256sum</c> can be run there; otherwise the bytes are read
    /// back. The default value is false: the connection protects every byte, so what this adds is the two disks.
    /// </summary>
    public bool Verify { get; init; }

    /// <summary>Whether the bytes are on the disk before the file gets its name, here always, there where the server offers <c>fsync@openssh.com</c>. The default value is true.</summary>
    public bool Durable { get; init; } = true;

    /// <summary>Whether the file gets the times of the one that it is made from. The default value is false.</summary>
    public bool PreserveTimes { get; init; }

    /// <summary>The permissions of a file that is sent. The default value is null: those of the one that it replaces, or else of the local file.</summary>
    public UnixFileMode? Permissions { get; init; }

    /// <summary>The whole transfer, resumes included. The default value is infinite: <see cref="Timeouts.Idle"/> watches over every step.</summary>
    public TimeSpan Total { get; init; } = Timeout.InfiniteTimeSpan;

    /// <summary>Told how many bytes of the file are there, those of an earlier run included. The default value is null.</summary>
    public IProgress<TransferProgress>? Progress { get; init; }

    /// <summary>The least time between two reports of progress; the last one always comes. The default value is 100 ms.</summary>
    public TimeSpan ProgressInterval { get; init; } = TimeSpan.FromMilliseconds(100);

    /// <summary>Throws where a value makes no sense.</summary>
    /// <exception cref="ArgumentException">A property is wrong; its name is in the message.</exception>
    public void Validate()
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(ProgressInterval, TimeSpan.Zero, "SftpTransferOptions.ProgressInterval");
        if (Total <= TimeSpan.Zero && Total != Timeout.InfiniteTimeSpan)
            throw new ArgumentOutOfRangeException("SftpTransferOptions.Total", Total, "A timeout is positive, or Timeout.InfiniteTimeSpan.");
    }
}
