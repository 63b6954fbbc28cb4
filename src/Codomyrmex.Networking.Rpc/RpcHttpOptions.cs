using System.Text.Json;

namespace Codomyrmex.Networking.Rpc;

/// <summary>The settings of an <see cref="RpcHttpClient"/>. Immutable.</summary>
public sealed record RpcHttpOptions
{
    /// <summary>The defaults.</summary>
    public static RpcHttpOptions Default { get; } = new();

    /// <summary>Fields of every request, such as <c>MCP-Protocol-Version</c>. The default value is null: none.</summary>
    public HeaderMap? Headers { get; init; }

    /// <summary>
    /// Gets the notifications that come before an answer, such as progress: their method, and what they carry (undefined for nothing). It must be thread-safe, and is waited for. The
    /// default value is null: they are passed over.
    /// </summary>
    public Action<string, JsonElement>? Notified { get; init; }
}
