namespace Codomyrmex.Networking.Transport.Internal;

/// <summary>The answer to the probe of a slot.</summary>
/// <param name="Slot">The slot.</param>
/// <param name="Answer">Anything but <see cref="ProbeAnswer.Pending"/>.</param>
internal readonly record struct ProbeReply(int Slot, ProbeAnswer Answer);
