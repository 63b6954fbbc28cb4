using System.Globalization;
using System.Text.Json;

namespace Codomyrmex.Networking.Cli.Rendering;

/// <summary>Times as people and programs read them.</summary>
internal static class Milliseconds
{
    public static string Text(TimeSpan time) => time.TotalMilliseconds switch
    {
        < 10 => string.Create(CultureInfo.InvariantCulture, $"{time.TotalMilliseconds:0.00} ms"),
        < 100 => string.Create(CultureInfo.InvariantCulture, $"{time.TotalMilliseconds:0.0} ms"),
        < 10_000 => string.Create(CultureInfo.InvariantCulture, $"{time.TotalMilliseconds:0} ms"),
        _ => string.Create(CultureInfo.InvariantCulture, $"{time.TotalSeconds:0.0} s"),
    };

    /// <summary>Writes a time as a number of milliseconds with three digits; null where there is none.</summary>
    public static void WriteMs(this Utf8JsonWriter writer, string name, TimeSpan? time)
    {
        if (time is { } value)
            writer.WriteNumber(name, Math.Round(value.TotalMilliseconds, 3));
        else
            writer.WriteNull(name);
    }
}
