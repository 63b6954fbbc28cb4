using System.Text.Json.Serialization;

namespace Codomyrmex.Networking.Rpc.Internal;

/// <summary>Which call is given up (<c>$/cancelRequest</c>).</summary>
internal sealed record CancelledCall([property: JsonPropertyName("id")] long Id);

/// <summary>The same (<c>notifications/cancelled</c>).</summary>
internal sealed record CancelledRequest([property: JsonPropertyName("requestId")] long Id);

/// <summary>What a caller has used of a stream's items.</summary>
internal sealed record StreamCredit([property: JsonPropertyName("id")] long Id, [property: JsonPropertyName("bytes")] int Bytes);

/// <summary>How the protocol's own messages are written.</summary>
[JsonSerializable(typeof(CancelledCall))]
[JsonSerializable(typeof(CancelledRequest))]
[JsonSerializable(typeof(StreamCredit))]
internal sealed partial class RpcJson : JsonSerializerContext;
