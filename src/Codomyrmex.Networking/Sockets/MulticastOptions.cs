namespace Codomyrmex.Networking.Sockets;

/// <summary>How a <see cref="UDPClient"/> sends to groups. Immutable.</summary>
public sealed record MulticastOptions
{
    /// <summary>The defaults.</summary>
    public static MulticastOptions Default { get; } = new();

    /// <summary>How many routers pass a datagram on: 0 stays on this machine, 1 in this network. The default value is 1.</summary>
    public int TimeToLive { get; init; } = 1;

    /// <summary>Whether members on this machine get what is sent from here. The default value is true.</summary>
    public bool Loopback { get; init; } = true;

    /// <summary>The number of the interface to send by. The default value is 0: the system chooses.</summary>
    public int InterfaceIndex { get; init; }

    /// <summary>Throws where a value makes no sense.</summary>
    /// <exception cref="ArgumentOutOfRangeException">A property is out of range; its name is in the message.</exception>
    public void Validate()
    {
        ArgumentOutOfRangeException.ThrowIfNegative(TimeToLive, "MulticastOptions.TimeToLive");
        ArgumentOutOfRangeException.ThrowIfGreaterThan(TimeToLive, 255, "MulticastOptions.TimeToLive");
        ArgumentOutOfRangeException.ThrowIfNegative(InterfaceIndex, "MulticastOptions.InterfaceIndex");
    }
}
