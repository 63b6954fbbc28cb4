namespace Codomyrmex.Networking.Http;

/// <summary>What a <see cref="HarRecorder"/> keeps. Immutable.</summary>
public sealed record HarOptions
{
    /// <summary>The defaults.</summary>
    public static HarOptions Default { get; } = new();

    /// <summary>Entries kept; the oldest go first. The default value is 10,000.</summary>
    public int Entries { get; init; } = 10_000;

    /// <summary>
    /// The longest body that is written down, in bytes, decoded; of a longer one its size is. Secrets are masked where they can be told: JSON and forms by their names, other text as
    /// far as they can be seen in it, bytes that are no text not at all. The default value is 0: no bodies, since there is no telling which of them is secret.
    /// </summary>
    public int BodyBytes { get; init; }

    /// <summary>Bytes of all bodies together, as they came over the wire; the oldest go first. The default value is 64 MiB.</summary>
    public long TotalBodyBytes { get; init; } = 64 * 1024 * 1024;

    /// <summary>Throws where a value makes no sense.</summary>
    /// <exception cref="ArgumentException">A property is wrong; its name is in the message.</exception>
    public void Validate()
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(Entries, 1, "HarOptions.Entries");
        ArgumentOutOfRangeException.ThrowIfNegative(BodyBytes, "HarOptions.BodyBytes");
        ArgumentOutOfRangeException.ThrowIfGreaterThan(BodyBytes, 256 * 1024 * 1024, "HarOptions.BodyBytes");
        ArgumentOutOfRangeException.ThrowIfNegative(TotalBodyBytes, "HarOptions.TotalBodyBytes");
    }
}
