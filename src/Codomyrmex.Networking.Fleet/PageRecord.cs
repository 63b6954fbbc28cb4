namespace Codomyrmex.Networking.Fleet;

/// <summary>A page that a crawl of the fleet has visited, or has failed to. Bodies are not kept.</summary>
public sealed record PageRecord
{
    /// <summary>The URL, in its one spelling: the last one where redirects led there.</summary>
    public required string Url { get; init; }

    /// <summary>Links from a seed to it.</summary>
    public required int Depth { get; init; }

    /// <summary>The page that it was found on, or the URL that redirected to it; null for a seed.</summary>
    public string? Referrer { get; init; }

    /// <summary>Redirects on the way to it.</summary>
    public required int Redirects { get; init; }

    /// <summary>The status; 0 without an answer.</summary>
    public required int Status { get; init; }

    /// <summary>The media type without parameters; null where there is none.</summary>
    public string? ContentType { get; init; }

    /// <summary>Bytes of the body, decoded.</summary>
    public required int Bytes { get; init; }

    /// <summary>The title of an HTML page, 300 characters of it at most; null without one.</summary>
    public string? Title { get; init; }

    /// <summary>How many links it has.</summary>
    public required int Links { get; init; }

    /// <summary>The URL of its host that showed the same content first; null where this is the first one.</summary>
    public string? DuplicateOf { get; init; }

    /// <summary>Whether it says that nothing is here, with the status of a page that is.</summary>
    public required bool IsSoftNotFound { get; init; }

    /// <summary>Whether it asks not to be shown in an index.</summary>
    public required bool IsNoIndex { get; init; }

    /// <summary>How long the answer took, body included.</summary>
    public required TimeSpan Elapsed { get; init; }

    /// <summary>The code of the failure (<see cref="ErrorCodes"/>), where there is no answer within the limits; else null.</summary>
    public string? ErrorCode { get; init; }

    /// <summary>The failure in words, 300 characters of them at most.</summary>
    public string? ErrorMessage { get; init; }

    /// <summary>The machine that visited it.</summary>
    public required string Machine { get; init; }
}
