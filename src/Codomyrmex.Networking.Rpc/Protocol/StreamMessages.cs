using System.Runtime.InteropServices;
using System.Text.Json;

namespace Codomyrmex.Networking.Rpc.Protocol;

/// <summary>
/// The notifications that a streamed answer is made of. The callee sends <c>$/item</c> as long as fewer bytes of items are under way than the caller's window has,
/// the caller gives back what it has used with <c>$/credit</c>, and the answer to the call itself says how many items there were.
/// </summary>
internal static class StreamMessages
{
    public const string Item = "$/item";
    public const string Credit = "$/credit";

    /// <summary>Reads an item: the call that it answers, and what it is.</summary>
    /// <exception cref="FormatException">It is none.</exception>
    public static (long Id, JsonElement Item) ReadItem(JsonElement parameters)
    {
        if (parameters.ValueKind != JsonValueKind.Object || !parameters.TryGetProperty("item", out var item) ||
            !parameters.TryGetProperty("id", out var id) || id.ValueKind != JsonValueKind.Number || !id.TryGetInt64(out var number))
        {
            throw new FormatException("sent an item of a stream without the number of a call");
        }
        return (number, item);
    }

    /// <summary>Reads a credit: the id of the call as it is written, and the bytes.</summary>
    /// <exception cref="FormatException">It is none.</exception>
    public static (string Id, int Bytes) ReadCredit(JsonElement parameters)
    {
        if (parameters.ValueKind != JsonValueKind.Object || !parameters.TryGetProperty("id", out var id) || id.ValueKind is not (JsonValueKind.Number or JsonValueKind.String) ||
            !parameters.TryGetProperty("bytes", out var bytes) || bytes.ValueKind != JsonValueKind.Number || !bytes.TryGetInt32(out var count) || count < 0)
        {
            throw new FormatException("sent a credit for a stream without a call and a number of bytes");
        }
        return (id.GetRawText(), count);
    }

    /// <summary>How many items the answer says that there were; -1 where it is the answer to no stream.</summary>
    public static long ReadEnd(JsonElement result) =>
        result.ValueKind == JsonValueKind.Object && result.TryGetProperty("items", out var items) && items.ValueKind == JsonValueKind.Number && items.TryGetInt64(out var count) ? count : -1;

    /// <summary>The length of an item as it was sent, which both sides count alike.</summary>
    public static int LengthOf(JsonElement item) => JsonMarshal.GetRawUtf8Value(item).Length;
}
