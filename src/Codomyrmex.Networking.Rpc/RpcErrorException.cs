using System.Text.Json;

namespace Codomyrmex.Networking.Rpc;

/// <summary>Thrown by a method that is served, to answer with an error of its own. What else a method throws is answered with -32603 and no details.</summary>
/// <param name="code">The code; -32768 to -32000 belong to the protocol (JSON-RPC 2.0, section 5.1).</param>
/// <param name="message">The message, which the caller gets.</param>
/// <param name="details">What the caller gets beside it, as <c>data</c>; undefined for nothing.</param>
public sealed class RpcErrorException(int code, string message, JsonElement details = default) : Exception(message)
{
    /// <summary>The code.</summary>
    public int Code { get; } = code;

    /// <summary>What the caller gets beside the message, as <c>data</c>; undefined for nothing.</summary>
    public JsonElement Details { get; } = details;
}
