using System.Buffers;
using System.Text.Json;

namespace Codomyrmex.Networking.Rpc.Protocol;

/// <summary>Writes messages of JSON-RPC 2.0.</summary>
internal static class EnvelopeWriter
{
    /// <summary>Members of a call beside those of JSON-RPC. The latter two are those that StreamJsonRpc writes.</summary>
    public const string Timeout = "timeoutMs";
    public const string Window = "window";
    public const string TraceParent = "traceparent";
    public const string TraceState = "tracestate";

    /// <summary>A call or a notification. Parameters are a list or an object: a single other value becomes a list of one.</summary>
    public static ReadOnlyMemory<byte> Call(in EnvelopeHead head, ReadOnlySpan<byte> parameters) => Write(parameters, static (writer, call, parameters) =>
    {
        if (call.Id is { } number)
            writer.WriteNumber("id", number);
        writer.WriteString("method", call.Method);
        if (call.Timeout is { } timeout)
            writer.WriteNumber(Timeout, (long)Math.Ceiling(timeout.TotalMilliseconds));
        if (call.Window is { } window)
            writer.WriteNumber(Window, window);
        if (call.TraceParent is { } parent)
            writer.WriteString(TraceParent, parent);
        if (call.TraceState is { } state)
            writer.WriteString(TraceState, state);
        if (parameters.IsEmpty)
            return;
        writer.WritePropertyName("params");
        var isStructured = parameters[0] is (byte)'{' or (byte)'[';
        if (!isStructured)
            writer.WriteStartArray();
        writer.WriteRawValue(parameters, skipInputValidation: true);
        if (!isStructured)
            writer.WriteEndArray();
    }, head);

    public static ReadOnlyMemory<byte> Result(JsonElement id, ReadOnlySpan<byte> result) => Write(result, static (writer, id, result) =>
    {
        WriteId(writer, id);
        writer.WritePropertyName("result");
        writer.WriteRawValue(result, skipInputValidation: true);
    }, id);

    public static ReadOnlyMemory<byte> Error(JsonElement id, int code, string message, JsonElement data = default) => Write([], static (writer, answer, _) =>
    {
        WriteId(writer, answer.Id);
        writer.WriteStartObject("error");
        writer.WriteNumber("code", answer.Code);
        writer.WriteString("message", answer.Message);
        if (answer.Data.ValueKind != JsonValueKind.Undefined)
        {
            writer.WritePropertyName("data");
            answer.Data.WriteTo(writer);
        }
        writer.WriteEndObject();
    }, (Id: id, Code: code, Message: message, Data: data));

    /// <summary>An item of the stream that answers a call.</summary>
    public static ReadOnlyMemory<byte> Item(JsonElement id, ReadOnlySpan<byte> item) => Write(item, static (writer, id, item) =>
    {
        writer.WriteString("method", StreamMessages.Item);
        writer.WriteStartObject("params");
        WriteId(writer, id);
        writer.WritePropertyName("item");
        writer.WriteRawValue(item, skipInputValidation: true);
        writer.WriteEndObject();
    }, id);

    private static ReadOnlyMemory<byte> Write<T>(ReadOnlySpan<byte> json, Members<T> members, T state)
    {
        var buffer = new ArrayBufferWriter<byte>(json.Length + 128);
        using (var writer = new Utf8JsonWriter(buffer))
        {
            writer.WriteStartObject();
            writer.WriteString("jsonrpc", "2.0");
            members(writer, state, json);
            writer.WriteEndObject();
        }
        return buffer.WrittenMemory;
    }

    private static void WriteId(Utf8JsonWriter writer, JsonElement id)
    {
        writer.WritePropertyName("id");
        if (id.ValueKind is JsonValueKind.Number or JsonValueKind.String)
            id.WriteTo(writer);
        else
            writer.WriteNullValue();
    }

    private delegate void Members<T>(Utf8JsonWriter writer, T state, ReadOnlySpan<byte> json);
}
