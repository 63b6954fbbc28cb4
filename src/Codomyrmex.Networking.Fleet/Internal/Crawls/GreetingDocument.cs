namespace Codomyrmex.Networking.Fleet.Internal.Crawls;

/// <summary>What a host says before its first page. Written about once a day.</summary>
[GenerateSerializer]
internal sealed class GreetingDocument
{
    /// <summary>Its robots.txt, as far as it is for this crawler; null where it was not asked for.</summary>
    [Id(0)]
    public string? Robots { get; set; }

    [Id(1)]
    public DateTimeOffset At { get; set; }

    /// <summary>What the tags of a page are that cannot be there, where it has a good status; 0 for none.</summary>
    [Id(2)]
    public ulong NotFound { get; set; }

    /// <summary>The title of that page.</summary>
    [Id(3)]
    public string NotFoundTitle { get; set; } = "";
}
