namespace Codomyrmex.Networking.Scanning.Protocol;

/// <summary>What an answer tells of whoever gave it. Texts are the peer's, cut to a bound and otherwise as they came.</summary>
/// <param name="Name">The protocol, by IANA's name where it has one.</param>
internal sealed record ServiceFacts(string Name)
{
    public string? Product { get; init; }

    public string? Version { get; init; }

    /// <summary>What was said, where it is text.</summary>
    public string? Banner { get; init; }

    public int? HttpStatus { get; init; }

    public string? HttpTitle { get; init; }

    public string? HttpServer { get; init; }

    /// <summary>Whether more of the answer would tell more.</summary>
    public bool WantsMore { get; init; }

    /// <summary>Whether the peer waits for TLS to begin at once, on the same connection.</summary>
    public bool StartsTls { get; init; }
}
