namespace Codomyrmex.Networking.Http;

/// <summary>What a server may make this process hold or do. All on by default. Immutable.</summary>
public sealed record ResponseLimits
{
    /// <summary>The defaults.</summary>
    public static ResponseLimits Default { get; } = new();

    /// <summary>Bytes of status line and fields, interim (1xx) answers included. The default value is 64 KiB.</summary>
    public int HeaderBytes { get; init; } = 64 * 1024;

    /// <summary>Bytes of a buffered body after decoding. The default value is 64 MiB. A streamed body is bounded by its reader.</summary>
    public long BufferedBytes { get; init; } = 64 * 1024 * 1024;

    /// <summary>Bytes of a streamed body after decoding. The default value is no limit.</summary>
    public long StreamedBytes { get; init; } = long.MaxValue;

    /// <summary>
    /// Bytes of one line that is read from a body (text, NDJSON, events), and of one item of a JSON array. The default value is 4 MiB.
    /// </summary>
    public int LineBytes { get; init; } = 4 * 1024 * 1024;

    /// <summary>Bytes of the data of one server-sent event, all its lines together. The default value is 16 MiB.</summary>
    public int EventBytes { get; init; } = 16 * 1024 * 1024;

    /// <summary>
    /// How many times larger than its coded form a body may become, once it is past 1 MiB. The default value is 200: plain text
    /// compresses 3 to 20 times, a bomb 1,000 times and more.
    /// </summary>
    public int DecompressionRatio { get; init; } = 200;

    /// <summary>Content codings stacked on one body. The default value is 2.</summary>
    public int ContentEncodings { get; init; } = 2;

    /// <summary>Throws where a value makes no sense.</summary>
    /// <exception cref="ArgumentOutOfRangeException">A property is out of range; its name is in the message.</exception>
    public void Validate()
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(HeaderBytes, 1024, "ResponseLimits.HeaderBytes");
        ArgumentOutOfRangeException.ThrowIfNegative(BufferedBytes, "ResponseLimits.BufferedBytes");
        ArgumentOutOfRangeException.ThrowIfGreaterThan(BufferedBytes, Array.MaxLength, "ResponseLimits.BufferedBytes");
        ArgumentOutOfRangeException.ThrowIfNegative(StreamedBytes, "ResponseLimits.StreamedBytes");
        ArgumentOutOfRangeException.ThrowIfLessThan(LineBytes, 1, "ResponseLimits.LineBytes");
        ArgumentOutOfRangeException.ThrowIfLessThan(EventBytes, 1, "ResponseLimits.EventBytes");
        ArgumentOutOfRangeException.ThrowIfLessThan(DecompressionRatio, 1, "ResponseLimits.DecompressionRatio");
        ArgumentOutOfRangeException.ThrowIfNegative(ContentEncodings, "ResponseLimits.ContentEncodings");
    }
}
