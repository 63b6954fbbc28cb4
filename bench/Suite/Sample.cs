using System.Text.Json.Serialization;

namespace Codomyrmex.Networking.Benchmarks.Suite;

/// <summary>One run of one peer. Its JSON form is the answer of a worker, whatever language that is written in.</summary>
internal sealed record Sample
{
    public required long Requests { get; init; }

    public required double Seconds { get; init; }

    /// <summary>User and system time of the whole client process, spent during the run.</summary>
    public required double CpuSeconds { get; init; }

    /// <summary>Bytes of all bodies together: proof that every peer read the same.</summary>
    public required long BodyBytes { get; init; }

    /// <summary>Bytes allocated; null where the language does not say.</summary>
    public long? Allocated { get; init; }

    public double? P50Microseconds { get; init; }

    public double? P99Microseconds { get; init; }

    [JsonIgnore]
    public double PerSecond => Requests / Seconds;

    [JsonIgnore]
    public double CpuMicroseconds => CpuSeconds * 1e6 / Requests;

    /// <summary>How much of its core the client had: with enough under way, nearly all of it, unless other programs took some.</summary>
    [JsonIgnore]
    public double CoreShare => CpuSeconds / Seconds;

    [JsonIgnore]
    public double? AllocatedPerRequest => (double?)Allocated / Requests;

    [JsonIgnore]
    public double MegabytesPerSecond => BodyBytes / 1e6 / Seconds;
}
