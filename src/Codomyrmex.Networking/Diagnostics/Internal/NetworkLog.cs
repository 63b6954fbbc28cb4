using Microsoft.Extensions.Logging;

namespace Codomyrmex.Networking.Diagnostics.Internal;

/// <summary>Every event that is logged, with a stable id.</summary>
internal static partial class NetworkLog
{
    [LoggerMessage(1, LogLevel.Debug, "{Endpoint} answered after {Milliseconds:0.0} ms")]
    public static partial void Succeeded(ILogger logger, Endpoint endpoint, double milliseconds);

    [LoggerMessage(2, LogLevel.Warning, "{Endpoint} failed with {Code} in phase {Phase} after {Milliseconds:0.0} ms: {Message}")]
    public static partial void Failed(ILogger logger, Endpoint endpoint, string code, NetworkPhase phase, string message, double milliseconds);

    [LoggerMessage(3, LogLevel.Information, "{Endpoint} failed with {Code} (status {Status}); attempt {Attempt} follows in {Milliseconds:0} ms")]
    public static partial void Retrying(ILogger logger, Endpoint endpoint, string? code, int? status, int attempt, double milliseconds);

    [LoggerMessage(4, LogLevel.Debug, "{Endpoint} was given up by the caller after {Milliseconds:0.0} ms")]
    public static partial void Cancelled(ILogger logger, Endpoint endpoint, double milliseconds);

    [LoggerMessage(20, LogLevel.Warning, "{EndPoint} could not accept a connection ({Code}): {Message}")]
    public static partial void NotAccepted(ILogger logger, System.Net.EndPoint endPoint, string code, string message);

    [LoggerMessage(21, LogLevel.Information, "{Endpoint} was turned away: {Reason}")]
    public static partial void Refused(ILogger logger, Endpoint endpoint, string reason);

    [LoggerMessage(22, LogLevel.Information, "The connection of {Endpoint} failed with {Code}: {Message}")]
    public static partial void ConnectionFailed(ILogger logger, Endpoint endpoint, string code, string message);

    [LoggerMessage(23, LogLevel.Error, "The handler of {Endpoint} threw")]
    public static partial void HandlerFailed(ILogger logger, Exception error, Endpoint endpoint);

    [LoggerMessage(30, LogLevel.Information, "The scan notes {Kind} of {Host}: {Note}")]
    public static partial void ScanNoted(ILogger logger, string kind, string? host, string note);
}
