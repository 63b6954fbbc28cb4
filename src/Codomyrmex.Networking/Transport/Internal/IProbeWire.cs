namespace Codomyrmex.Networking.Transport.Internal;

/// <summary>
/// Sends probes and says what came of them. Each probe has a slot, a number below <see cref="Slots"/>, which is free again with the answer or when it is
/// abandoned. The egress policy has been asked before. Not thread-safe.
/// </summary>
internal interface IProbeWire : IDisposable
{
    /// <summary>Probes that can be under way at a time. It falls where the system turns out to have less room, until <see cref="Regain"/>.</summary>
    int Slots { get; }

    /// <summary>Takes back what <see cref="Slots"/> has lost: the system may have room again.</summary>
    void Regain()
    {
    }

    /// <summary>Sends a probe. Anything but <see cref="ProbeAnswer.Pending"/> is its answer, and the slot is free.</summary>
    ProbeAnswer Send(int slot, ProbeAddress address, int port);

    /// <summary>Takes answers that have come, waiting for the first.</summary>
    /// <param name="replies">Where they go.</param>
    /// <param name="wait">How long to wait where there is none; zero not at all.</param>
    /// <returns>How many there are.</returns>
    int Receive(Span<ProbeReply> replies, TimeSpan wait);

    /// <summary>Gives a probe up.</summary>
    void Abandon(int slot);
}
