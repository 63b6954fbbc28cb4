using System.Globalization;
using Microsoft.Extensions.Logging;

namespace Codomyrmex.Networking.Testing;

/// <summary>A log record. Immutable.</summary>
public sealed class CapturedLog
{
    internal CapturedLog(string category, LogLevel level, EventId id, string message, Exception? exception, IReadOnlyDictionary<string, object?> values) =>
        (Category, Level, Id, Message, Exception, Values) = (category, level, id, message, exception, values);

    /// <summary>The logger's category.</summary>
    public string Category { get; }

    /// <summary>The level.</summary>
    public LogLevel Level { get; }

    /// <summary>The event, with its number and its name.</summary>
    public EventId Id { get; }

    /// <summary>The message, its values filled in.</summary>
    public string Message { get; }

    /// <summary>The exception, where there is one.</summary>
    public Exception? Exception { get; }

    /// <summary>The values by the names that the message has for them.</summary>
    public IReadOnlyDictionary<string, object?> Values { get; }

    /// <summary>Everything in one line.</summary>
    public override string ToString() =>
        string.Create(CultureInfo.InvariantCulture, $"log {Category} {Level} {Id.Id} {Id.Name}: {Message} {CapturedMeasurement.Text(Values)} {Exception}");
}
