namespace Codomyrmex.Networking.Scanning.Internal;

/// <summary>What the engine needs of the options, its times in ticks of the clock.</summary>
internal sealed class EngineSettings(PortScannerOptions options, bool looksForHosts)
{
    public TimeProvider Clock => options.Clock;

    public long Frequency => options.Clock.TimestampFrequency;

    public int InFlight { get; } = options.InFlight ?? int.MaxValue;

    public int InFlightPerHost { get; } = options.InFlightPerHost ?? int.MaxValue;

    public int InFlightPerNetwork { get; } = options.InFlightPerNetwork ?? int.MaxValue;

    /// <summary>Tries that every silent port is given.</summary>
    public int Tries { get; } = options.Retries + 1;

    /// <summary>Tries that a silent port is given at most.</summary>
    public int MostTries { get; } = options.MaxRetries + 1;

    public ScanVerification Verification => options.Verification;

    public LeasedPace? Pace => options.Pace;

    public bool LooksForHosts => looksForHosts;

    public RoundTrips Trips => new(Ticks(options.InitialTimeout), Ticks(options.MinTimeout), Ticks(options.MaxTimeout));

    public long Ticks(TimeSpan time) => (long)(time.TotalSeconds * Frequency);

    public TimeSpan Time(long ticks) => TimeSpan.FromSeconds((double)ticks / Frequency);
}
