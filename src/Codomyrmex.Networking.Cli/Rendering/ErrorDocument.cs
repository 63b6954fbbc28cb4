using System.Text.Json;

namespace Codomyrmex.Networking.Cli.Rendering;

/// <summary>Writes a failure as the <c>error</c> member of a document.</summary>
internal static class ErrorDocument
{
    public static void WriteError(this Utf8JsonWriter writer, Exception error)
    {
        switch (error)
        {
            case NetworkException network:
                Write(writer, network);
                break;
            case UsageException usage:
                WritePlain(writer, "UsageError", "usage", usage.Message);
                if (usage.Argument is not null)
                    writer.WriteString("argument", usage.Argument);
                writer.WriteEndObject();
                break;
            case OperationCanceledException:
                WritePlain(writer, nameof(OperationCanceledException), "interrupted", error.Message);
                writer.WriteEndObject();
                break;
            default:
                WritePlain(writer, error.GetType().Name, "defect", error.Message);
                writer.WriteEndObject();
                break;
        }
    }

    public static void WriteAttempts(this Utf8JsonWriter writer, string name, IReadOnlyList<Attempt> attempts)
    {
        writer.WriteStartArray(name);
        foreach (var attempt in attempts)
        {
            writer.WriteStartObject();
            writer.WriteString("address", attempt.Address);
            writer.WriteMs("elapsedMs", attempt.Elapsed);
            writer.WriteString("code", attempt.Code);
            if (attempt.Status is { } status)
                writer.WriteNumber("status", status);
            writer.WriteEndObject();
        }
        writer.WriteEndArray();
    }

    private static void Write(Utf8JsonWriter writer, NetworkException error)
    {
        writer.WriteStartObject("error");
        writer.WriteString("type", error.GetType().Name);
        writer.WriteString("code", error.Code);
        writer.WriteString("message", PropertyNames.Replace(error.Message));
        writer.WriteString("phase", PhaseName(error.Phase));
        writer.WriteString("endpoint", error.Endpoint?.ToString());
        writer.WriteBoolean("isTransient", error.IsTransient);
        writer.WriteString("wasSent", error.WasSent switch { WasSent.Never => "never", WasSent.Maybe => "maybe", _ => "yes" });
        writer.WriteMs("retryAfterMs", error.RetryAfter);
        writer.WriteMs("elapsedMs", error.Elapsed);
        writer.WriteAttempts("attempts", error.Attempts);
        if (error.Layers.Count > 0)
        {
            writer.WriteStartArray("layers");
            foreach (var layer in error.Layers)
                writer.WriteStringValue(layer);
            writer.WriteEndArray();
        }
        writer.WriteString("hint", HintText.Of(error));
        if (error is HTTPException { Status: { } status })
            writer.WriteNumber("status", status);
        if (error is HTTPException { BodyExcerpt: { } excerpt })
            writer.WriteString("bodyExcerpt", excerpt);
        if (error is WebSocketException socket)
            WriteSocket(writer, socket);
        if (error is StreamTruncatedException cut)
        {
            writer.WriteString("lastEventId", cut.LastEventId);
            writer.WriteNumber("items", cut.Items);
            writer.WriteBoolean("canResume", cut.CanResume);
        }
        if (error is PolicyException { Rule: { } rule })
            writer.WriteString("rule", PropertyNames.Replace(rule));
        writer.WriteEndObject();
    }

    private static void WriteSocket(Utf8JsonWriter writer, WebSocketException error)
    {
        if (error.Status is { } status)
            writer.WriteNumber("status", status);
        if (error.BodyExcerpt is { } excerpt)
            writer.WriteString("bodyExcerpt", excerpt);
        if (error.CloseCode is not { } code)
            return;
        writer.WriteNumber("closeCode", (int)code);
        writer.WriteString("closeReason", error.CloseReason);
    }

    private static void WritePlain(Utf8JsonWriter writer, string type, string code, string message)
    {
        writer.WriteStartObject("error");
        writer.WriteString("type", type);
        writer.WriteString("code", code);
        writer.WriteString("message", message);
        writer.WriteString("phase", "prepare");
        writer.WriteNull("endpoint");
        writer.WriteBoolean("isTransient", false);
        writer.WriteString("wasSent", code == "usage" ? "never" : "maybe");
        writer.WriteNull("retryAfterMs");
        writer.WriteNull("elapsedMs");
        writer.WriteStartArray("attempts");
        writer.WriteEndArray();
    }

    // Not Enum.ToString: it would pull reflection over enums into the start-up.
    private static string PhaseName(NetworkPhase phase) => phase switch
    {
        NetworkPhase.Prepare => "prepare",
        NetworkPhase.Policy => "policy",
        NetworkPhase.Wait => "wait",
        NetworkPhase.Resolve => "resolve",
        NetworkPhase.Connect => "connect",
        NetworkPhase.Proxy => "proxy",
        NetworkPhase.Tls => "tls",
        NetworkPhase.Handshake => "handshake",
        NetworkPhase.Authenticate => "authenticate",
        NetworkPhase.Send => "send",
        NetworkPhase.FirstByte => "first_byte",
        NetworkPhase.Receive => "receive",
        _ => "close",
    };
}
