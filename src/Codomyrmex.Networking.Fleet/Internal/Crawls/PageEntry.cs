using System.Text.Json.Serialization;

namespace Codomyrmex.Networking.Fleet.Internal.Crawls;

/// <summary>What is kept of a page.</summary>
[GenerateSerializer, Immutable]
internal sealed record PageEntry
{
    [Id(0), JsonPropertyName("s")]
    public int Status { get; init; }

    [Id(1), JsonPropertyName("t"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public string? ContentType { get; init; }

    [Id(2), JsonPropertyName("b")]
    public int Bytes { get; init; }

    [Id(3), JsonPropertyName("i"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public string? Title { get; init; }

    [Id(4), JsonPropertyName("l"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public int Links { get; init; }

    [Id(5), JsonPropertyName("d"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public string? DuplicateOf { get; init; }

    [Id(6), JsonPropertyName("m"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public bool IsSoftNotFound { get; init; }

    [Id(7), JsonPropertyName("x"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public bool IsNoIndex { get; init; }

    /// <summary>Milliseconds.</summary>
    [Id(8), JsonPropertyName("e")]
    public double Elapsed { get; init; }

    /// <summary>The hash of its content.</summary>
    [Id(9), JsonPropertyName("h"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public byte[]? Hash { get; init; }

    /// <summary>The code of the failure, where there is no answer within the limits.</summary>
    [Id(10), JsonPropertyName("c"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public string? ErrorCode { get; init; }

    [Id(11), JsonPropertyName("w"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public string? ErrorMessage { get; init; }

    /// <summary>The machine that visited it.</summary>
    [Id(12), JsonPropertyName("by")]
    public string Machine { get; init; } = "";
}
