namespace Codomyrmex.Networking.Transfers;

/// <summary>A file that was transferred whole.</summary>
public sealed record TransferResult
{
    /// <summary>The local file.</summary>
    public required string Path { get; init; }

    /// <summary>Its size in bytes.</summary>
    public required long Bytes { get; init; }

    /// <summary>Its SHA-256 as 64 lower-case hexadecimal digits; null where it was not computed.</summary>
    public required string? Sha256 { get; init; }

    /// <summary>How many of its bytes an earlier run had left; 0 where everything was transferred now.</summary>
    public long ResumedFrom { get; init; }

    /// <summary>How long it took.</summary>
    public required TimeSpan Elapsed { get; init; }

    /// <summary>The entity tag of the remote side (RFC 9110, section 8.8.3), quotes included; null where it gave none.</summary>
    public string? ETag { get; init; }
}
