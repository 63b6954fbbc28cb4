namespace Codomyrmex.Networking.Rpc.Protocol;

/// <summary>Where a peer is: <c>tcp://host:port</c>, <c>tls://host:port</c>, <c>ws://host:port/path</c>, <c>wss://…</c>, <c>unix:/path</c>.</summary>
/// <param name="Scheme">How it is spoken to.</param>
/// <param name="Host">The host; the path of the socket for <c>unix</c>.</param>
/// <param name="Port">The port; 0 for <c>unix</c>.</param>
/// <param name="Path">The path of a WebSocket, from <c>/</c> on.</param>
internal sealed record RpcAddress(string Scheme, string Host, int Port, string Path)
{
    public bool UsesTls => Scheme is "tls" or "wss";

    public bool IsWebSocket => Scheme is "ws" or "wss";

    public bool IsUnix => Scheme == "unix";

    /// <summary>Reads an address.</summary>
    /// <param name="text">The address.</param>
    /// <param name="isListening">Whether port 0 is one: any free port.</param>
    /// <exception cref="ArgumentException">It is none.</exception>
    public static RpcAddress Parse(string text, bool isListening)
    {
        ArgumentException.ThrowIfNullOrEmpty(text, "address");
        if (text.StartsWith("unix:", StringComparison.Ordinal))
        {
            var path = text["unix:".Length..];
            return path.StartsWith('/') && !path.StartsWith("//", StringComparison.Ordinal) && !path.Contains('\0')
                ? new RpcAddress("unix", path, 0, "")
                : throw new ArgumentException($"'{text}' is no address: a Unix-domain socket is unix:/PATH.", "address");
        }
        if (!Uri.TryCreate(text, UriKind.Absolute, out var url) || url.Scheme is not ("tcp" or "tls" or "ws" or "wss") || url.Host.Length == 0)
            throw new ArgumentException($"'{text}' is no address: there are tcp://HOST:PORT, tls://HOST:PORT, ws://HOST:PORT/PATH, wss://HOST:PORT/PATH and unix:/PATH.", "address");
        if (url.UserInfo.Length > 0 || url.Fragment.Length > 0)
            throw new ArgumentException("An address has neither a user nor a fragment.", "address");
        var isWebSocket = url.Scheme is "ws" or "wss";
        if (!isWebSocket && url.PathAndQuery.Length > 1)
            throw new ArgumentException($"'{text}' is no address: only a WebSocket has a path.", "address");
        var port = url.Port < 0 ? 0 : url.Port;
        if (port == 0 && !isListening)
            throw new ArgumentException($"'{text}' is no address: the port is missing.", "address");
        return new RpcAddress(url.Scheme, url.IdnHost.Trim('[', ']'), port, isWebSocket ? url.PathAndQuery : "");
    }

    /// <summary>The address as it is written.</summary>
    public override string ToString() => IsUnix ? "unix:" + Host : $"{Scheme}://{(Host.Contains(':', StringComparison.Ordinal) ? $"[{Host}]" : Host)}:{Port.ToString(null, null)}{Path}";
}
