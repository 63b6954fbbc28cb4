namespace Codomyrmex.Networking.Cli.Mcp;

/// <summary>A parameter as its tool declares it. The schema that models see and the check of what they send are made from it.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Kind">What it is.</param>
/// <param name="Help">What it means, for the model.</param>
internal sealed record Parameter(string Name, ParameterKind Kind, string Help)
{
    public bool IsRequired { get; init; }

    /// <summary>The least number, or the fewest texts.</summary>
    public long Least { get; init; }

    /// <summary>The largest number, the longest text in characters, or the most texts or pairs.</summary>
    public long Most { get; init; } = 65_536;

    /// <summary>What a text may be, where that is little.</summary>
    public string[] Choices { get; init; } = [];
}
