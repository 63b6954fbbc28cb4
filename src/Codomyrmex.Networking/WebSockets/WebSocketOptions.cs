using System.Text;
using Codomyrmex.Networking.Resilience;
using Codomyrmex.Networking.Transport;
using Microsoft.Extensions.Logging;

namespace Codomyrmex.Networking.WebSockets;

/// <summary>The settings of a <see cref="WebSocketClient"/>. Immutable, checked once when it connects.</summary>
public sealed record WebSocketOptions
{
    /// <summary>The defaults.</summary>
    public static WebSocketOptions Default { get; } = new();

    /// <summary>
    /// Fields of the handshake: a credential, cookies, an <c>Origin</c>. Where a redirect leads to another origin, only harmless ones go along, such as
    /// <c>User-Agent</c> and <c>Accept-Language</c>. The default value is null.
    /// </summary>
    public HeaderMap? Headers { get; init; }

    /// <summary>
    /// A user whose password is proved to the server without being sent (RFC 7616), where it asks for that with a 401. Only to the origin of the URL. The default value is null.
    /// </summary>
    public WebSocketDigest? Digest { get; init; }

    /// <summary>The subprotocols to offer, the best first; the server must choose one of them. The default value is empty.</summary>
    public IReadOnlyList<string> Subprotocols { get; init; } = [];

    /// <summary>
    /// Over which version of HTTP it is opened. Over HTTP/2, sockets of the same <see cref="Transport"/> to one server share a connection. The default value is
    /// <see cref="WebSocketHttpVersion.Http11"/>.
    /// </summary>
    public WebSocketHttpVersion HttpVersion { get; init; }

    /// <summary>The compression to offer. The default value is null: none.</summary>
    public WebSocketCompression? Compression { get; init; }

    /// <summary>How much the server may send.</summary>
    public WebSocketLimits Limits { get; init; } = WebSocketLimits.Default;

    /// <summary>How much may wait to be sent.</summary>
    public SendQueueOptions SendQueue { get; init; } = SendQueueOptions.Default;

    /// <summary>How long each phase of connecting may take; <see cref="Timeouts.Total"/> spans the retries.</summary>
    public Timeouts Timeouts { get; init; } = Timeouts.Default;

    /// <summary>How often the first connection is tried. The default value is twice more.</summary>
    public RetryOptions Retry { get; init; } = RetryOptions.Default;

    /// <summary>The most redirects of the handshake that are followed, never from wss to ws; 0 follows none. The default value is 5.</summary>
    public int RedirectLimit { get; init; } = 5;

    /// <summary>The time between two pings (RFC 6455, section 5.5.2); infinite sends none. The default value is 20 seconds.</summary>
    public TimeSpan PingInterval { get; init; } = TimeSpan.FromSeconds(20);

    /// <summary>How long after a ping nothing at all may come before the connection counts as lost. The default value is 20 seconds.</summary>
    public TimeSpan PongTimeout { get; init; } = TimeSpan.FromSeconds(20);

    /// <summary>A message of the application's that keeps its session. The default value is null: none.</summary>
    public WebSocketHeartbeat? Heartbeat { get; init; }

    /// <summary>How long the server may take to answer our close. The default value is 5 seconds.</summary>
    public TimeSpan CloseTimeout { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>When a lost connection is made again. The default value is null: never, the loss is told to who receives.</summary>
    public WebSocketReconnect? Reconnect { get; init; }

    /// <summary>
    /// Called before each attempt to connect, to give it a fresh URL, fresh fields, a fresh token. What it throws ends the call, but for a
    /// <see cref="NetworkException"/> that is transient. The default value is null.
    /// </summary>
    public Func<WebSocketRequest, CancellationToken, ValueTask<WebSocketRequest>>? Prepare { get; init; }

    /// <summary>
    /// Called on each new connection before anything else goes over it: to authenticate, to subscribe (again), to ask for what was missed. It may send and
    /// receive; what it receives is not handed out. The default value is null.
    /// </summary>
    public Func<WebSocketSetup, CancellationToken, ValueTask>? OnConnected { get; init; }

    /// <summary>How connections are made: policy, names, proxy, TLS, sockets.</summary>
    public TransportOptions Transport { get; init; } = TransportOptions.Default;

    /// <summary>Where events are logged. The default value is null: nowhere.</summary>
    public ILogger? Logger { get; init; }

    /// <summary>The clock for deadlines, pings and waits. The default value is the system's.</summary>
    public TimeProvider Clock { get; init; } = TimeProvider.System;

    /// <summary>Throws where a value makes no sense.</summary>
    /// <exception cref="ArgumentException">A property is wrong; its name is in the message.</exception>
    public void Validate()
    {
        ArgumentNullException.ThrowIfNull(Subprotocols, "WebSocketOptions.Subprotocols");
        ArgumentNullException.ThrowIfNull(Limits, "WebSocketOptions.Limits");
        ArgumentNullException.ThrowIfNull(SendQueue, "WebSocketOptions.SendQueue");
        ArgumentNullException.ThrowIfNull(Timeouts, "WebSocketOptions.Timeouts");
        ArgumentNullException.ThrowIfNull(Retry, "WebSocketOptions.Retry");
        ArgumentNullException.ThrowIfNull(Transport, "WebSocketOptions.Transport");
        ArgumentNullException.ThrowIfNull(Clock, "WebSocketOptions.Clock");
        Checked(Headers, "WebSocketOptions.Headers");
        foreach (var subprotocol in Subprotocols)
        {
            if (!FieldRules.IsToken(subprotocol))
                throw new ArgumentException($"'{Printable.Text(subprotocol)}' is not a token (RFC 6455, section 4.1).", "WebSocketOptions.Subprotocols");
        }
        if (Subprotocols.Distinct(StringComparer.Ordinal).Count() != Subprotocols.Count)
            throw new ArgumentException("One of them is there twice (RFC 6455, section 4.1).", "WebSocketOptions.Subprotocols");
        ArgumentOutOfRangeException.ThrowIfNegative(RedirectLimit, "WebSocketOptions.RedirectLimit");
        ArgumentOutOfRangeException.ThrowIfGreaterThan(RedirectLimit, 100, "WebSocketOptions.RedirectLimit");
        CheckTime(PingInterval, "WebSocketOptions.PingInterval");
        CheckTime(PongTimeout, "WebSocketOptions.PongTimeout");
        CheckTime(CloseTimeout, "WebSocketOptions.CloseTimeout");
        Digest?.Validate();
        Compression?.Validate();
        Limits.Validate();
        SendQueue.Validate();
        Timeouts.Validate();
        Retry.Validate();
        Heartbeat?.Validate();
        Reconnect?.Validate();
        Transport.Validate();
    }

    internal static HeaderMap? Checked(HeaderMap? fields, string parameter)
    {
        foreach (var (name, _) in fields ?? [])
        {
            if (name.StartsWith("Sec-WebSocket-", StringComparison.OrdinalIgnoreCase))
                throw new ArgumentException($"{name} is set by the library; see Subprotocols and Compression.", parameter);
        }
        return fields;
    }

    internal static void CheckTime(TimeSpan value, string name)
    {
        if (value <= TimeSpan.Zero && value != Timeout.InfiniteTimeSpan)
            throw new ArgumentOutOfRangeException(name, value, "It is positive, or Timeout.InfiniteTimeSpan.");
        if (value > TimeSpan.FromDays(49))
            throw new ArgumentOutOfRangeException(name, value, "It is at most 49 days, or Timeout.InfiniteTimeSpan.");
    }

    private bool PrintMembers(StringBuilder text)
    {
        text.Append("Subprotocols = ").AppendJoin(", ", Subprotocols).Append(", Compression = ").Append(Compression).Append(", Limits = ").Append(Limits)
            .Append(", Reconnect = ").Append(Reconnect).Append(", Transport = ").Append(Transport);
        return true;
    }
}
