namespace Codomyrmex.Networking.Rpc;

/// <summary>How messages of JSON-RPC are told apart on a stream.</summary>
public enum RpcFraming
{
    /// <summary>Each on a line of its own, as the Model Context Protocol does over standard input and output.</summary>
    Lines,

    /// <summary>Each behind a head with its length, as the Language Server Protocol does: <c>Content-Length: 42</c>, an empty line, the message.</summary>
    ContentLength,
}
