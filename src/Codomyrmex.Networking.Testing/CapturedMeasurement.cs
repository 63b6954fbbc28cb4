using System.Globalization;

namespace Codomyrmex.Networking.Testing;

/// <summary>What an instrument was told. Immutable.</summary>
public sealed class CapturedMeasurement
{
    internal CapturedMeasurement(string instrument, double value, string? unit, ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        (Instrument, Value, Unit) = (instrument, value, unit);
        var copy = new Dictionary<string, object?>(StringComparer.Ordinal);
        foreach (var (name, tag) in tags)
            copy[name] = tag;
        Tags = copy;
    }

    /// <summary>The instrument's name.</summary>
    public string Instrument { get; }

    /// <summary>The value, or by how much a counter changed.</summary>
    public double Value { get; }

    /// <summary>The instrument's unit, where it has one.</summary>
    public string? Unit { get; }

    /// <summary>The tags.</summary>
    public IReadOnlyDictionary<string, object?> Tags { get; }

    /// <summary>Name, value, unit and tags.</summary>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"measurement {Instrument} {Value} {Unit} {Text(Tags)}");

    internal static string Text(IEnumerable<KeyValuePair<string, object?>> tags) =>
        string.Join(' ', tags.Select(static tag => string.Create(CultureInfo.InvariantCulture, $"{tag.Key}={tag.Value}")));
}
