using System.Text.Json.Serialization;
using Codomyrmex.Networking.Crawling.Internal;
using Codomyrmex.Networking.Crawling.Internal.Storage;

namespace Codomyrmex.Networking.Fleet.Internal.Crawls;

/// <summary>A URL of a host with what became of it. Its page is in it, so that none is told of twice. Names are short: there are many.</summary>
[GenerateSerializer, Immutable]
internal sealed record UrlEntry
{
    /// <summary>What it is known by: 128 bits of a hash.</summary>
    [Id(0), JsonPropertyName("y")]
    public required UInt128 Key { get; init; }

    [Id(1), JsonPropertyName("u")]
    public required string Url { get; init; }

    [Id(2), JsonPropertyName("k"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public int Kind { get; init; }

    [Id(3), JsonPropertyName("d"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public int Depth { get; init; }

    [Id(4), JsonPropertyName("c"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public int Chain { get; init; }

    [Id(5), JsonPropertyName("r"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public int Redirects { get; init; }

    [Id(6), JsonPropertyName("f"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public string? Referrer { get; init; }

    [Id(7), JsonPropertyName("o"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public int Outcome { get; init; }

    /// <summary>Which page of the host it is, from 1 in the order in which they were written down; 0 for none.</summary>
    [Id(8), JsonPropertyName("n"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public int Number { get; init; }

    [Id(9), JsonPropertyName("p"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public PageEntry? Page { get; init; }

    [JsonIgnore]
    public bool IsWaiting => Outcome == (int)PageOutcome.Waiting;

    public static UrlEntry Of(Visit visit, PageOutcome outcome) => new()
    {
        Key = visit.Key,
        Url = visit.Url,
        Kind = (int)visit.Kind,
        Depth = visit.Depth,
        Chain = visit.Chain,
        Redirects = visit.Redirects,
        Referrer = visit.Referrer,
        Outcome = (int)outcome,
    };

    public StoredUrl ToStored() => new(Key, Url, (VisitKind)Kind, Depth, Chain, Redirects, Referrer, (PageOutcome)Outcome) { Hash = Page?.Hash, Status = Page?.Status };
}
