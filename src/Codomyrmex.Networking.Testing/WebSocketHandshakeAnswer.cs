using System.Text;

namespace Codomyrmex.Networking.Testing;

/// <summary>
/// What a <see cref="WebSocketServer"/> answers to a handshake. As it stands it is the right answer (RFC 6455, section 4.2.2); each property bends
/// one part of it. Immutable.
/// </summary>
public sealed record WebSocketHandshakeAnswer
{
    /// <summary>The status. The default value is 101; any other ends the connection behind the body.</summary>
    public int Status { get; init; } = 101;

    /// <summary>More header fields. The default value is empty.</summary>
    public IReadOnlyList<KeyValuePair<string, string>> Headers { get; init; } = [];

    /// <summary>The body of a refusal. The default value is empty.</summary>
    public ReadOnlyMemory<byte> Body { get; init; }

    /// <summary><c>Sec-WebSocket-Accept</c>. The default value is null: the one that belongs to the key.</summary>
    public string? Accept { get; init; }

    /// <summary>The subprotocol. The default value is null: by the server's options; empty names none.</summary>
    public string? Subprotocol { get; init; }

    /// <summary>The extensions as they are to be named, whatever was negotiated. The default value is null: what was negotiated; empty negotiates none.</summary>
    public string? Extensions { get; init; }

    /// <summary>Names of fields to leave out, such as <c>Upgrade</c>. The default value is empty.</summary>
    public IReadOnlyList<string> Without { get; init; } = [];

    /// <summary>Bytes sent before the answer. The default value is empty.</summary>
    public ReadOnlyMemory<byte> Before { get; init; }

    /// <summary>Bytes sent together with the answer, right behind it. The default value is empty.</summary>
    public ReadOnlyMemory<byte> Behind { get; init; }

    /// <summary>Bytes to send instead of all else; the connection ends behind them. The default value is empty: the answer.</summary>
    public ReadOnlyMemory<byte> Raw { get; init; }

    /// <summary>Refuses.</summary>
    /// <param name="status">The status.</param>
    /// <param name="body">The body, sent in UTF-8.</param>
    /// <param name="headers">More header fields.</param>
    public static WebSocketHandshakeAnswer Refuse(int status, string body = "", params IReadOnlyList<KeyValuePair<string, string>> headers) =>
        new() { Status = status, Body = Encoding.UTF8.GetBytes(body), Headers = headers };

    /// <summary>Sends the client elsewhere.</summary>
    /// <param name="location">The URL, absolute or relative.</param>
    /// <param name="status">The status.</param>
    public static WebSocketHandshakeAnswer Redirect(string location, int status = 302) => Refuse(status, "", new KeyValuePair<string, string>("Location", location));
}
