namespace Codomyrmex.Networking.Testing;

/// <summary>
/// What a <see cref="WebSocketServer"/> asks for in permessage-deflate (RFC 7692). It accepts the first offer of a client that leaves it room; what an
/// offer demands is granted.
/// </summary>
public sealed record WebSocketServerCompression
{
    /// <summary>Whether the server forgets what it sent before each message. The default value is false: only where the client demands it.</summary>
    public bool ServerNoContextTakeover { get; init; }

    /// <summary>Whether the client must forget what it sent before each message. The default value is false: only where the client says so itself.</summary>
    public bool ClientNoContextTakeover { get; init; }

    /// <summary>The base-2 logarithm of the server's window, 8 to 15. The default value is null: 15, unspoken, or what the client demands.</summary>
    public int? ServerMaxWindowBits { get; init; }

    /// <summary>The base-2 logarithm of the client's window, 8 to 15, kept an eye on. The default value is null: what the client names, else 15, unspoken. An offer without <c>client_max_window_bits</c> leaves no room for it and is declined.</summary>
    public int? ClientMaxWindowBits { get; init; }

    /// <summary>Messages shorter than this are sent as they are. The default value is 0.</summary>
    public int MinimumBytes { get; init; }
}
