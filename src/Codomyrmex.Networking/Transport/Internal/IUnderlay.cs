namespace Codomyrmex.Networking.Transport.Internal;

/// <summary>Who opens streams for <see cref="TransportOptions.DialOver"/> and can say, while it does, at which layer it is.</summary>
internal interface IUnderlay
{
    /// <summary>The names of its layers from itself down to the one that it waits for.</summary>
    IReadOnlyList<string> WaitingAt { get; }
}
