using Microsoft.Extensions.Logging;

namespace Codomyrmex.Networking.Testing.Internal;

/// <summary>Hands every record on as data.</summary>
internal sealed class CapturingLogger(string category, Action<CapturedLog> add) : ILogger
{
    public IDisposable? BeginScope<TState>(TState state) where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => logLevel != LogLevel.None;

    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
    {
        var values = new Dictionary<string, object?>(StringComparer.Ordinal);
        foreach (var (name, value) in state as IEnumerable<KeyValuePair<string, object?>> ?? [])
            values[name] = value;
        add(new CapturedLog(category, logLevel, eventId, formatter(state, exception), exception, values));
    }
}
