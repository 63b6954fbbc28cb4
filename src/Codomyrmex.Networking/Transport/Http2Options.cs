namespace Codomyrmex.Networking.Transport;

/// <summary>
/// How HTTP/2 connections behave (RFC 9113). Immutable. A server says how many requests one connection may carry at a time
/// (SETTINGS_MAX_CONCURRENT_STREAMS): more of them wait for a free place, or get another connection with <see cref="MultipleConnections"/>.
/// </summary>
public sealed record Http2Options
{
    /// <summary>The defaults.</summary>
    public static Http2Options Default { get; } = new();

    /// <summary>
    /// Whether another connection to the same origin is opened when all open ones carry as many requests as the server allows. The default
    /// value is false. With several, a response names the one opened last: the platform does not say which carried it.
    /// </summary>
    public bool MultipleConnections { get; init; }

    /// <summary>
    /// Bytes of a response body that a server may send before it hears from us (RFC 9113, section 6.9.2), 65,535 to 16 MiB. It grows by itself
    /// with bandwidth and delay; begin higher for large bodies from far away. The default value is 65,535.
    /// </summary>
    public int InitialStreamWindow { get; init; } = 65_535;

    /// <summary>
    /// How long a connection may be silent before a PING asks whether the server is still there; at least 1 second, infinite for never. The
    /// default value is 30 seconds.
    /// </summary>
    public TimeSpan PingDelay { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>How long the answer to a PING may take; at least 1 second. Afterwards the connection and its requests fail. The default value is 20 seconds.</summary>
    public TimeSpan PingTimeout { get; init; } = TimeSpan.FromSeconds(20);

    /// <summary>Whether PINGs are sent on connections that carry no request, too: to keep them open through middleboxes. The default value is false.</summary>
    public bool PingWhenIdle { get; init; }

    /// <summary>Throws where a value makes no sense.</summary>
    /// <exception cref="ArgumentOutOfRangeException">A property is out of range; its name is in the message.</exception>
    public void Validate()
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(InitialStreamWindow, 65_535, "Http2Options.InitialStreamWindow");
        ArgumentOutOfRangeException.ThrowIfGreaterThan(InitialStreamWindow, 16 * 1024 * 1024, "Http2Options.InitialStreamWindow");
        if (PingDelay != Timeout.InfiniteTimeSpan)
            ArgumentOutOfRangeException.ThrowIfLessThan(PingDelay, TimeSpan.FromSeconds(1), "Http2Options.PingDelay");
        ArgumentOutOfRangeException.ThrowIfLessThan(PingTimeout, TimeSpan.FromSeconds(1), "Http2Options.PingTimeout");
    }
}
