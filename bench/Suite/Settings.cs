using System.Globalization;

namespace Codomyrmex.Networking.Benchmarks.Suite;

/// <summary>What was asked for on the command line.</summary>
internal sealed record Settings(bool IsQuick, bool AsJson, int Rounds, double Seconds, string Only, string CommandLine)
{
    public static Settings Parse(IEnumerable<string> arguments)
    {
        string[] all = [.. arguments];
        var quick = all.Contains("--quick");
        var rounds = Value(all, "--rounds") is { } r ? int.Parse(r, CultureInfo.InvariantCulture) : quick ? 3 : 7;
        var seconds = Value(all, "--seconds") is { } s ? double.Parse(s, CultureInfo.InvariantCulture) : quick ? 0.3 : 1;
        return new Settings(quick, all.Contains("--json"), rounds, seconds, Value(all, "--only") ?? "", string.Join(' ', all));
    }

    private static string? Value(string[] all, string name) =>
        Array.IndexOf(all, name) is var at and >= 0 && at + 1 < all.Length ? all[at + 1] : null;
}
