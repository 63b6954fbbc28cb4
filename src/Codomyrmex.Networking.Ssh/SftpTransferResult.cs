namespace Codomyrmex.Networking.Ssh;

/// <summary>A file that was sent or fetched whole.</summary>
public sealed record SftpTransferResult
{
    /// <summary>The local file.</summary>
    public required string LocalPath { get; init; }

    /// <summary>The remote file.</summary>
    public required string RemotePath { get; init; }

    /// <summary>Its size in bytes.</summary>
    public required long Bytes { get; init; }

    /// <summary>Its SHA-256 as 64 lower-case hexadecimal digits, the same on both sides; null where it was not compared.</summary>
    public string? Sha256 { get; init; }

    /// <summary>How many of its bytes an earlier run had left; 0 where everything was transferred now.</summary>
    public long ResumedFrom { get; init; }

    /// <summary>How long it took.</summary>
    public required TimeSpan Elapsed { get; init; }
}
