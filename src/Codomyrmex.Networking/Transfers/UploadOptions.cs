namespace Codomyrmex.Networking.Transfers;

/// <summary>How a local file is sent. Immutable.</summary>
public sealed record UploadOptions
{
    /// <summary>The defaults.</summary>
    public static UploadOptions Default { get; } = new();

    /// <summary>The media type. The default value is <c>application/octet-stream</c>.</summary>
    public string ContentType { get; init; } = "application/octet-stream";

    /// <summary>
    /// Whether the file is hashed before it is sent, and the hash sent with it (<c>Repr-Digest</c>, RFC 9530), so that the peer can check
    /// what it got. The file is then read twice. The default value is false.
    /// </summary>
    public bool SendDigest { get; init; }

    /// <summary>
    /// The whole transfer, retries included. The default value is infinite: <see cref="Timeouts.Idle"/> watches over every write. The
    /// total that the client gives to answers does not hold here; a deadline of the request does.
    /// </summary>
    public TimeSpan Total { get; init; } = Timeout.InfiniteTimeSpan;

    /// <summary>Told how many bytes have been sent; begins again with each attempt. The default value is null.</summary>
    public IProgress<TransferProgress>? Progress { get; init; }

    /// <summary>The least time between two reports of progress; the last one always comes. The default value is 100 ms.</summary>
    public TimeSpan ProgressInterval { get; init; } = TimeSpan.FromMilliseconds(100);

    /// <summary>Throws where a value makes no sense.</summary>
    /// <exception cref="ArgumentException">A property is wrong; its name is in the message.</exception>
    public void Validate()
    {
        ArgumentException.ThrowIfNullOrEmpty(ContentType, "UploadOptions.ContentType");
        ArgumentOutOfRangeException.ThrowIfLessThan(ProgressInterval, TimeSpan.Zero, "UploadOptions.ProgressInterval");
        if (Total <= TimeSpan.Zero && Total != Timeout.InfiniteTimeSpan)
            throw new ArgumentOutOfRangeException("UploadOptions.Total", Total, "A timeout is positive, or Timeout.InfiniteTimeSpan.");
    }
}
