namespace Codomyrmex.Networking.Sockets;

/// <summary>
/// What a <see cref="TCPServer"/> grants its peers. <see cref="Timeout.InfiniteTimeSpan"/> switches a time off. Immutable.
/// </summary>
public sealed record TCPServerLimits
{
    /// <summary>The defaults: everything has a limit.</summary>
    public static TCPServerLimits Default { get; } = new();

    /// <summary>Connections at a time; one more is reset as soon as it is accepted. The default value is 10,000.</summary>
    public int Connections { get; init; } = 10_000;

    /// <summary>Connections at a time from one IP address; from an IPv6 network of /64, which one subscriber has. The default value is 1,000.</summary>
    public int ConnectionsPerAddress { get; init; } = 1000;

    /// <summary>Connections that the system keeps until they are accepted. The default value is 4,096; the system may know a lower bound (net.core.somaxconn).</summary>
    public int Backlog { get; init; } = 4096;

    /// <summary>The largest payload of a frame that is received, in bytes. The default value is 1 MiB.</summary>
    public int FrameBytes { get; init; } = 1024 * 1024;

    /// <summary>For the PROXY header and the TLS handshake together. The default value is 10 seconds.</summary>
    public TimeSpan Handshake { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>Until the first byte of the next frame, where the handler waits for one. The default value is 2 minutes.</summary>
    public TimeSpan Idle { get; init; } = TimeSpan.FromMinutes(2);

    /// <summary>Between two bytes of a frame. The default value is 30 seconds.</summary>
    public TimeSpan Read { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>Until the peer takes a piece of what is sent (128 KiB at most). The default value is 30 seconds.</summary>
    public TimeSpan Write { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>Bytes a second that a frame must come with, once it took longer than <see cref="RateGrace"/>; 0 for any. The default value is 240.</summary>
    public int MinimumRate { get; init; } = 240;

    /// <summary>Time that a frame may take before <see cref="MinimumRate"/> is asked for. The default value is 5 seconds.</summary>
    public TimeSpan RateGrace { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>Throws where a value makes no sense.</summary>
    /// <exception cref="ArgumentOutOfRangeException">A property is out of range; its name is in the message.</exception>
    public void Validate()
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(Connections, 1, "TCPServerLimits.Connections");
        ArgumentOutOfRangeException.ThrowIfLessThan(ConnectionsPerAddress, 1, "TCPServerLimits.ConnectionsPerAddress");
        ArgumentOutOfRangeException.ThrowIfLessThan(Backlog, 1, "TCPServerLimits.Backlog");
        ArgumentOutOfRangeException.ThrowIfLessThan(FrameBytes, 1, "TCPServerLimits.FrameBytes");
        ArgumentOutOfRangeException.ThrowIfGreaterThan(FrameBytes, 1 << 30, "TCPServerLimits.FrameBytes");
        ArgumentOutOfRangeException.ThrowIfNegative(MinimumRate, "TCPServerLimits.MinimumRate");
        Check(Handshake, nameof(Handshake));
        Check(Idle, nameof(Idle));
        Check(Read, nameof(Read));
        Check(Write, nameof(Write));
        Check(RateGrace, nameof(RateGrace));
    }

    private static void Check(TimeSpan value, string name)
    {
        if ((value <= TimeSpan.Zero && value != Timeout.InfiniteTimeSpan) || value > TimeSpan.FromDays(49))
            throw new ArgumentOutOfRangeException($"TCPServerLimits.{name}", value, "A time is positive and at most 49 days, or Timeout.InfiniteTimeSpan.");
    }
}
