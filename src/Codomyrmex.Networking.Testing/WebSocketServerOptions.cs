using System.Net;

namespace Codomyrmex.Networking.Testing;

/// <summary>How a <see cref="WebSocketServer"/> listens, what it agrees to and what it puts up with.</summary>
public sealed record WebSocketServerOptions
{
    /// <summary>The loopback address. The default value is 127.0.0.1.</summary>
    public IPAddress Address { get; init; } = IPAddress.Loopback;

    /// <summary>The port. The default value is 0: any free one.</summary>
    public int Port { get; init; }

    /// <summary>The path of a Unix-domain socket to listen on instead of TCP; deleted at the end. The default value is null.</summary>
    public string? UnixSocketPath { get; init; }

    /// <summary>TLS; null speaks without. The default value is null.</summary>
    public LoopbackTlsOptions? Tls { get; init; }

    /// <summary>Subprotocols by preference: the first that the client offers is chosen, none where it offers none of them. The default value is empty.</summary>
    public IReadOnlyList<string> Subprotocols { get; init; } = [];

    /// <summary>permessage-deflate for clients that offer it; null declines. The default value is null.</summary>
    public WebSocketServerCompression? Compression { get; init; }

    /// <summary>Answers handshakes; null from it is the right answer, also for one that is wrong (400 or 426). The default value is null: always the right answer.</summary>
    public Func<WebSocketHandshake, CancellationToken, Task<WebSocketHandshakeAnswer?>>? Answer { get; init; }

    /// <summary>The largest message that a client may send, inflated, in bytes; beyond it the connection is closed with 1009. The default value is 67,108,864.</summary>
    public int MaxMessageBytes { get; init; } = 64 << 20;

    /// <summary>Data frames of a longer message are cut into parts of this many bytes when it is sent. The default value is null: one frame a message.</summary>
    public int? FragmentBytes { get; init; }

    /// <summary>How long <see cref="WebSocketServerConnection.CloseAsync"/> waits for the client's answer. The default value is 5 seconds.</summary>
    public TimeSpan CloseTimeout { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>How many of the latest connections and handshakes the server keeps for tests to look at. The default value is 1,000.</summary>
    public int RecordedConnections { get; init; } = 1000;

    /// <summary>How many of the latest frames of a connection are kept. The default value is 1,000.</summary>
    public int RecordedFrames { get; init; } = 1000;

    /// <summary>The seed of the dice for faults that happen by chance. The default value is 0.</summary>
    public int FaultSeed { get; init; }

    /// <summary>The clock of pauses, round trips and the close timeout. The default value is the system's.</summary>
    public TimeProvider TimeProvider { get; init; } = TimeProvider.System;
}
