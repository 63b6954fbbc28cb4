namespace Codomyrmex.Networking.Fleet.Internal;

/// <summary>Times as a clock counts them.</summary>
internal static class ClockTicks
{
    public static long Ticks(this TimeProvider clock, TimeSpan time) => (long)(time.TotalSeconds * clock.TimestampFrequency);

    /// <summary>The time that so many ticks are; none for less than none.</summary>
    public static TimeSpan Span(this TimeProvider clock, long ticks) => TimeSpan.FromSeconds(Math.Max(0, (double)ticks / clock.TimestampFrequency));
}
