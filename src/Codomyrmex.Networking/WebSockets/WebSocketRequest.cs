using System.Text;

namespace Codomyrmex.Networking.WebSockets;

/// <summary>What one connection is opened with: given to <see cref="WebSocketOptions.Prepare"/>, and changed there by <c>with</c>. Immutable.</summary>
public sealed record WebSocketRequest
{
    /// <summary>The URL, <c>ws</c> or <c>wss</c>.</summary>
    public required string Url { get; init; }

    /// <summary>The fields of the handshake; secret ones stay behind where a redirect leads to another origin.</summary>
    public HeaderMap? Headers { get; init; }

    /// <summary>Connections in a row that failed before this one.</summary>
    public int Failures { get; init; }

    private bool PrintMembers(StringBuilder text)
    {
        text.Append("Url = ").Append(Redactor.Redact(Url)).Append(", Failures = ").Append(Failures);
        return true;
    }
}
