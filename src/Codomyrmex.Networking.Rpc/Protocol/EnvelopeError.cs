using System.Text.Json;

namespace Codomyrmex.Networking.Rpc.Protocol;

/// <summary>The error of an answer (JSON-RPC 2.0, section 5.1).</summary>
internal sealed record EnvelopeError(int Code, string Message, JsonElement Data)
{
    public const int Parse = -32700;
    public const int InvalidRequest = -32600;
    public const int NoMethod = -32601;
    public const int Parameters = -32602;
    public const int Internal = -32603;
    public const int Busy = -32000;
    public const int Stopping = -32020; // Ours, of those left to servers (JSON-RPC 2.0, section 5.1).
    public const int Cancelled = -32800; // As the Language Server Protocol has it.
    public const int Late = -32802; // What it calls cancelled by the server.

    /// <summary>The code for a message that could not be read: no JSON, or JSON that is no call.</summary>
    public static int Of(FormatException wrong) => wrong.InnerException is JsonException ? Parse : InvalidRequest;
}
