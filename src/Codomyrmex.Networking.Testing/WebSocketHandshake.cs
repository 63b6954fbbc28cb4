using Codomyrmex.Networking.Testing.Internal;

namespace Codomyrmex.Networking.Testing;

/// <summary>A client's opening handshake (RFC 6455, section 4.1) as a <see cref="WebSocketServer"/> received it. Immutable.</summary>
public sealed class WebSocketHandshake
{
    private readonly RequestHead _head;

    internal WebSocketHandshake(RequestHead head, int connectionNumber, int earlyBytes, string? problem)
    {
        _head = head;
        ConnectionNumber = connectionNumber;
        EarlyBytes = earlyBytes;
        Problem = problem;
    }

    /// <summary>Which connection it came over, counted from 1 since the server's start.</summary>
    public int ConnectionNumber { get; }

    /// <summary>The method, <c>GET</c> in a right one.</summary>
    public string Method => _head.Method;

    /// <summary>The target as it was sent.</summary>
    public string Target => _head.Target;

    /// <summary>The path as it was sent, without the query.</summary>
    public string Path => _head.Path;

    /// <summary>The query, decoded.</summary>
    public LoopbackFields Query => _head.Query;

    /// <summary>The header fields as they were sent.</summary>
    public LoopbackFields Headers => _head.Headers;

    /// <summary>The key, or null.</summary>
    public string? Key => Headers["Sec-WebSocket-Key"];

    /// <summary>The subprotocols offered, in order.</summary>
    public IReadOnlyList<string> Subprotocols =>
        [.. Headers.GetValues("Sec-WebSocket-Protocol").SelectMany(static value => value.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))];

    /// <summary>The extensions offered, as they were sent; empty where there are none.</summary>
    public string Extensions => string.Join(", ", Headers.GetValues("Sec-WebSocket-Extensions"));

    /// <summary>How many bytes had come behind the head before the server answered: 0 from a client that waits for the answer, as it must.</summary>
    public int EarlyBytes { get; }

    /// <summary>What RFC 6455 has against it; null for nothing.</summary>
    public string? Problem { get; }

    /// <summary>The method and the target.</summary>
    public override string ToString() => $"{Method} {Target}";
}
