using Codomyrmex.Networking.Transport;
using Codomyrmex.Networking.WebSockets.Protocol;

namespace Codomyrmex.Networking.WebSockets.Internal;

/// <summary>A connection whose handshake is done.</summary>
internal sealed record Handshaken
{
    public required WebSocketUrl Url { get; init; }

    public required Stream Stream { get; init; }

    /// <summary>What came with the answer: the first frames.</summary>
    public required ReadOnlyMemory<byte> Received { get; init; }

    public required HeaderMap Fields { get; init; }

    public required string? Subprotocol { get; init; }

    public required DeflateTerms? Compression { get; init; }

    public required TimeSpan Took { get; init; }

    /// <summary>Whether it is a stream of an HTTP/2 connection.</summary>
    public bool IsHttp2 { get; init; }

    /// <summary>What the connection lies on, the lowest layer first.</summary>
    public IReadOnlyList<TransportLayer> Layers { get; init; } = [];

    public Endpoint Endpoint => Url.Endpoint;
}
