namespace Codomyrmex.Networking.Ssh;

/// <summary>What client and server agreed on (RFC 4253, section 7.1). Immutable.</summary>
public sealed record SSHConnectionFacts
{
    /// <summary>The server's identification, such as <c>SSH-2.0-OpenSSH_9.2p1</c>; anybody may claim anything in it.</summary>
    public required string ServerVersion { get; init; }

    /// <summary>The key exchange.</summary>
    public required string KeyExchange { get; init; }

    /// <summary>The algorithm by which the server proved its host key.</summary>
    public required string HostKeyAlgorithm { get; init; }

    /// <summary>The host key's fingerprint: <c>SHA256:</c> and 43 characters of base64.</summary>
    public required string HostKeyFingerprint { get; init; }

    /// <summary>The cipher.</summary>
    public required string Encryption { get; init; }

    /// <summary>The integrity check; null where the cipher brings its own.</summary>
    public string? Integrity { get; init; }

    /// <summary>The banner that the server sent before authentication, as it came; null where there was none. To be shown escaped.</summary>
    public string? Banner { get; init; }
}
