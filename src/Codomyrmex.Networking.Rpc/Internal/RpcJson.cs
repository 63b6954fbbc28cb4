using System.Text.Json.Serialization;

namespace Codomyrmex.Networking.Rpc.Internal;

/// <summary>Which call is given up.</summary>
internal sealed record CancelledCall([property: JsonPropertyName("id")] long Id);

/// <summary>How the protocol's own messages are written.</summary>
[JsonSerializable(typeof(CancelledCall))]
internal sealed partial class RpcJson : JsonSerializerContext;
