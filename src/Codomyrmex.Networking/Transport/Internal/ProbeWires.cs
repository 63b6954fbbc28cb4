using System.Net.Sockets;
using Codomyrmex.Networking.Transport.Linux;

namespace Codomyrmex.Networking.Transport.Internal;

/// <summary>Opens the wire that probes go over.</summary>
internal static class ProbeWires
{
    /// <summary>Probes under way at a time at most, whatever the limit of open files.</summary>
    private const int MostSockets = 16_384;

    // Hosts answer UDP slowly, if at all; more would only wait.
    private const int MostDatagrams = 1024;

    // Each goes through a whole dial, and through the same proxy.
    private const int MostDials = 256;

    /// <summary>Whether TCP connections do not leave from this machine's own sockets.</summary>
    public static bool IsIndirect(TransportOptions options) => options.Proxy is not null || options.Proxies is not null || options.DialOver is not null;

    /// <summary>A wire that asks by connecting.</summary>
    /// <param name="options">How connections are made.</param>
    /// <param name="inFlight">Probes wanted at a time; null for as many as may be.</param>
    /// <param name="clock">The clock.</param>
    /// <param name="wanted">How many would have been taken if descriptors were free.</param>
    public static IProbeWire OpenConnect(TransportOptions options, int? inFlight, TimeProvider clock, out int wanted)
    {
        if (IsIndirect(options))
        {
            wanted = Math.Min(inFlight ?? MostDials, MostDials);
            return new DialWire(options, wanted, clock);
        }
        wanted = Math.Min(inFlight ?? MostSockets, MostSockets);
        var slots = Math.Min(wanted, DescriptorBudget.Available());
        return Libc.IsSupported ? new LinuxConnectWire(slots, options.BindAddress) : new PortableConnectWire(slots, options.BindAddress);
    }

    /// <summary>A wire that sends datagrams.</summary>
    /// <param name="options">How connections are made.</param>
    /// <param name="inFlight">Probes wanted at a time; null for as many as may be.</param>
    /// <param name="question">What to send to a port.</param>
    /// <param name="wanted">How many would have been taken if descriptors were free.</param>
    public static IProbeWire OpenDatagrams(TransportOptions options, int? inFlight, Func<int, ReadOnlyMemory<byte>> question, out int wanted)
    {
        wanted = Math.Min(inFlight ?? MostDatagrams, MostDatagrams);
        var slots = Math.Min(wanted, DescriptorBudget.Available());
        return Libc.IsSupported ? new LinuxDatagramWire(slots, options.BindAddress, question) : new PortableDatagramWire(slots, options.BindAddress, question);
    }

    /// <summary>What tells a wire which of its sockets have news.</summary>
    /// <param name="room">The most that it tells at a time.</param>
    public static LinuxPoll OpenPoll(int room)
    {
        try
        {
            return new LinuxPoll(room);
        }
        catch (SocketException error)
        {
            throw new NetworkFailure
            {
                Code = ErrorMap.Code(error.SocketErrorCode),
                Message = $"The system grants the scan nothing to wait for its sockets with: {error.Message}.",
                Phase = NetworkPhase.Prepare,
            }.ToException(error);
        }
    }
}
