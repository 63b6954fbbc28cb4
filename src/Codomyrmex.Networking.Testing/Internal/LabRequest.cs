using System.Globalization;
using System.Text.Json;

namespace Codomyrmex.Networking.Testing.Internal;

/// <summary>What the lab's endpoints share: numbers out of paths and queries, and JSON answers.</summary>
internal static class LabRequest
{
    public static int RouteNumber(this LoopbackExchange exchange, string name, int max) =>
        int.TryParse(exchange.RouteValue(name), NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number <= max
            ? number
            : throw new BadRequestException(400, $"'{name}' is a whole number from 0 to {max}.");

    public static int QueryNumber(this LoopbackExchange exchange, string name, int fallback, int max) =>
        exchange.Query[name] is not { } text ? fallback
        : int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number <= max ? number
        : throw new BadRequestException(400, $"'{name}' is a whole number from 0 to {max}.");

    public static TimeSpan Seconds(string? text, double fallback = 0)
    {
        if (text is null)
            return TimeSpan.FromSeconds(fallback);
        return double.TryParse(text, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var seconds) && seconds <= 3600
            ? TimeSpan.FromSeconds(seconds)
            : throw new BadRequestException(400, "A time is a number of seconds from 0 to 3600.");
    }

    public static Task PauseAsync(this LoopbackExchange exchange, TimeSpan pause) =>
        pause <= TimeSpan.Zero ? Task.CompletedTask : Task.Delay(pause, exchange.Server.Options.TimeProvider, exchange.Aborted);

    public static Task RespondJsonAsync(
        this LoopbackExchange exchange, int status, Action<Utf8JsonWriter> write, IEnumerable<KeyValuePair<string, string>>? headers = null) =>
        exchange.RespondAsync(status, Json(write), "application/json", headers);

    public static byte[] Json(Action<Utf8JsonWriter> write)
    {
        using var stream = new MemoryStream();
        using (var writer = new Utf8JsonWriter(stream))
        {
            writer.WriteStartObject();
            write(writer);
            writer.WriteEndObject();
        }
        return stream.ToArray();
    }

    /// <summary>A member whose value is text, or a list of texts where a name is repeated.</summary>
    public static void WriteFields(this Utf8JsonWriter writer, string member, IEnumerable<KeyValuePair<string, string>> fields)
    {
        writer.WriteStartObject(member);
        foreach (var group in fields.GroupBy(static entry => entry.Key, StringComparer.OrdinalIgnoreCase))
        {
            var values = group.Select(static entry => entry.Value).ToArray();
            if (values.Length == 1)
            {
                writer.WriteString(group.Key, values[0]);
                continue;
            }
            writer.WriteStartArray(group.Key);
            foreach (var value in values)
                writer.WriteStringValue(value);
            writer.WriteEndArray();
        }
        writer.WriteEndObject();
    }
}
