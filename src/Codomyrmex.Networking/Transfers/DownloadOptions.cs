namespace Codomyrmex.Networking.Transfers;

/// <summary>How a remote file becomes a local one. Immutable.</summary>
public sealed record DownloadOptions
{
    /// <summary>The defaults: a new file, one connection, hashed on the way.</summary>
    public static DownloadOptions Default { get; } = new();

    /// <summary>
    /// Whether to go on where an earlier run was interrupted. What that run left counts only where the remote side vouches for the same
    /// content (a strong validator); everything is fetched anew otherwise. The default value is false.
    /// </summary>
    public bool Resume { get; init; }

    /// <summary>Whether an interrupted transfer leaves what it has for a later run, beside the target. The default value is true.</summary>
    public bool KeepPartial { get; init; } = true;

    /// <summary>Whether a file that exists is replaced; without it nothing is sent. The default value is false.</summary>
    public bool Overwrite { get; init; }

    /// <summary>The SHA-256 that the file must have, as 64 hexadecimal digits. The default value is null: any.</summary>
    public string? Sha256 { get; init; }

    /// <summary>
    /// Whether the file is hashed also where nobody asked for a certain hash, so that <see cref="TransferResult.Sha256"/> is known.
    /// The default value is true.
    /// </summary>
    public bool ComputeSha256 { get; init; } = true;

    /// <summary>
    /// The most requests that share the work, 1 to 32, where the remote side gives ranges of one content; one is used otherwise.
    /// The default value is 1.
    /// </summary>
    public int Parallel { get; init; } = 1;

    /// <summary>
    /// The whole transfer, waits and resumes included. The default value is infinite: files take as long as they take, and
    /// <see cref="Timeouts.Idle"/> watches over every read. The total that the client gives to answers does not hold here; a deadline of
    /// the request does.
    /// </summary>
    public TimeSpan Total { get; init; } = Timeout.InfiniteTimeSpan;

    /// <summary>Told how many bytes of the file are there, those of an earlier run included. The default value is null.</summary>
    public IProgress<TransferProgress>? Progress { get; init; }

    /// <summary>The least time between two reports of progress; the last one always comes. The default value is 100 ms.</summary>
    public TimeSpan ProgressInterval { get; init; } = TimeSpan.FromMilliseconds(100);

    /// <summary>Throws where a value makes no sense.</summary>
    /// <exception cref="ArgumentException">A property is wrong; its name is in the message.</exception>
    public void Validate()
    {
        if (Sha256 is { } hash && (hash.Length != 64 || !hash.All(char.IsAsciiHexDigit)))
            throw new ArgumentException("A SHA-256 has 64 hexadecimal digits.", "DownloadOptions.Sha256");
        ArgumentOutOfRangeException.ThrowIfLessThan(Parallel, 1, "DownloadOptions.Parallel");
        ArgumentOutOfRangeException.ThrowIfGreaterThan(Parallel, 32, "DownloadOptions.Parallel");
        ArgumentOutOfRangeException.ThrowIfLessThan(ProgressInterval, TimeSpan.Zero, "DownloadOptions.ProgressInterval");
        if (Total <= TimeSpan.Zero && Total != Timeout.InfiniteTimeSpan)
            throw new ArgumentOutOfRangeException("DownloadOptions.Total", Total, "A timeout is positive, or Timeout.InfiniteTimeSpan.");
    }
}
