using System.Text.Json;
using Codomyrmex.Networking.Cli.Rendering;

namespace Codomyrmex.Networking.Cli.Mcp;

/// <summary>Writes what came of a call: as structured content, and as the same text for clients that know no other.</summary>
internal static class AnswerDocument
{
    public static JsonElement Write(ToolAnswer answer, ToolHost host, TimeSpan elapsed, bool isModern)
    {
        var structured = Structured(answer, host, elapsed);
        return Json.Element(writer =>
        {
            if (isModern)
                McpProtocol.WriteResultHead(writer);
            writer.WriteStartArray("content");
            writer.WriteStartObject();
            writer.WriteString("type", "text");
            writer.WriteString("text", structured.Span);
            writer.WriteEndObject();
            writer.WriteEndArray();
            writer.WritePropertyName("structuredContent");
            writer.WriteRawValue(structured.Span, skipInputValidation: true);
            writer.WriteBoolean("isError", answer.IsError);
        });
    }

    private static ReadOnlyMemory<byte> Structured(ToolAnswer answer, ToolHost host, TimeSpan elapsed)
    {
        var removed = 0L;
        var content = answer.Content;
        if (content is { IsBase64: false })
            content = content with { Text = UntrustedText.Clean(content.Text, ref removed) };
        var page = answer.Page ?? (content is null ? null : host.Pages.First(content));
        return Json.Bytes(writer =>
        {
            writer.WriteString("code", answer.Code);
            writer.WriteString("message", Clean(answer.Message, ref removed));
            writer.WriteString("hint", answer.Hint);
            writer.WriteBoolean("transient", answer.IsTransient);
            writer.WriteString("wasSent", answer.WasSent switch { WasSent.Never => "never", WasSent.Maybe => "maybe", _ => "yes" });
            if (answer.RetryAt is { } retryAt)
                writer.WriteString("retryAt", retryAt.ToUniversalTime());
            else
                writer.WriteNull("retryAt");
            writer.WriteMs("elapsedMs", elapsed);
            writer.WriteBoolean("untrusted", true);
            writer.WritePropertyName("result");
            if (answer.Result is { } result)
                CleanJson.Copy(writer, Json.Element(result), ref removed);
            else
                writer.WriteNullValue();
            WritePage(writer, page);
            WriteBudget(writer, host.Budget);
            writer.WriteNumber("removedCharacters", removed);
        });
    }

    private static string? Clean(string? text, ref long removed) => text is null ? null : UntrustedText.Clean(text, ref removed);

    private static void WritePage(Utf8JsonWriter writer, Page? page)
    {
        if (page is null)
        {
            writer.WriteNull("content");
            return;
        }
        writer.WriteStartObject("content");
        writer.WriteString("text", page.Text);
        writer.WriteString("encoding", page.Content.IsBase64 ? "base64" : "text");
        writer.WriteNumber("bytes", page.Content.Bytes);
        writer.WriteNumber("offset", page.Offset);
        writer.WriteNumber("characters", page.Content.Text.Length);
        writer.WriteBoolean("truncated", page.Content.IsTruncated);
        writer.WriteString("nextCursor", page.NextCursor);
        writer.WriteEndObject();
    }

    private static void WriteBudget(Utf8JsonWriter writer, OperatorBudget budget)
    {
        writer.WriteStartObject("budget");
        writer.WriteNumber("requestsLeft", budget.RequestsLeft);
        writer.WriteNumber("bytesLeft", budget.BytesLeft);
        writer.WriteNumber("secondsLeft", Math.Round(budget.TimeLeft.TotalSeconds, 3));
        writer.WriteNumber("hostsLeft", budget.HostsLeft);
        writer.WriteEndObject();
    }
}
