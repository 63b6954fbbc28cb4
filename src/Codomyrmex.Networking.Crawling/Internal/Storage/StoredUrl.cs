namespace Codomyrmex.Networking.Crawling.Internal.Storage;

/// <summary>A URL as the state file has it.</summary>
internal readonly record struct StoredUrl(UInt128 Key, string Url, VisitKind Kind, int Depth, int Chain, int Redirects, string? Referrer, PageOutcome Outcome)
{
    /// <summary>The hash of the content that was seen there.</summary>
    public byte[]? Hash { get; init; }

    public int? Status { get; init; }

    /// <summary>Whether it was given by the caller.</summary>
    public bool IsSeed => this is { Depth: 0, Referrer: null };

    public static StoredUrl Of(Visit visit) => new(visit.Key, visit.Url, visit.Kind, visit.Depth, visit.Chain, visit.Redirects, visit.Referrer, PageOutcome.Waiting);
}
