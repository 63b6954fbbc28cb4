namespace Codomyrmex.Networking.Transport;

/// <summary>A stream that knows over what it lies. One of yours that <see cref="TransportOptions.DialOver"/> opens may say so by this interface; the connections over it then show its layers.</summary>
public interface ILayered
{
    /// <summary>The layers, the lowest first.</summary>
    IReadOnlyList<TransportLayer> Layers { get; }
}
