using System.Globalization;

namespace Codomyrmex.Networking.Benchmarks.Suite;

/// <summary>Figures of the same run, repeated.</summary>
internal static class Statistics
{
    public static double Median(this IEnumerable<double> values)
    {
        double[] sorted = [.. values.Order()];
        if (sorted.Length == 0)
            return double.NaN;
        var middle = sorted.Length / 2;
        return sorted.Length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
    }

    /// <summary>
    /// The median of one series against another's, pair by pair: both members of a pair were taken seconds apart, so a machine that
    /// slows down slows both.
    /// </summary>
    public static double MedianRatio(IReadOnlyList<double> values, IReadOnlyList<double> bases) =>
        Median(values.Zip(bases, (value, @base) => value / @base));

    /// <summary>A figure to three digits or so; a dash where there is none.</summary>
    public static string Text(double value) => !double.IsFinite(value) ? "–" : Math.Abs(value) switch
    {
        >= 100 => value.ToString("#,0", CultureInfo.InvariantCulture),
        >= 10 => value.ToString("0.0", CultureInfo.InvariantCulture),
        _ => value.ToString("0.00", CultureInfo.InvariantCulture),
    };
}
