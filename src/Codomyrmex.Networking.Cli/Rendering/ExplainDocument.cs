using System.Text.Json;
using Codomyrmex.Networking.Cli.Commands;
using Codomyrmex.Networking.Transport;

namespace Codomyrmex.Networking.Cli.Rendering;

/// <summary>Writes an explained connection as a document.</summary>
internal static class ExplainDocument
{
    public static void Write(Utf8JsonWriter writer, Explanation explanation)
    {
        var report = explanation.Report;
        writer.WriteString("target", explanation.Target.Text);
        writer.WriteString("endpoint", explanation.Target.Endpoint.ToString());
        writer.WriteBoolean("ok", explanation.Failure is null);
        writer.WriteStartArray("layers");
        foreach (var layer in explanation.Layers)
            WriteLayer(writer, layer);
        writer.WriteEndArray();
        writer.WriteStartArray("addresses");
        foreach (var address in report.Resolved)
            writer.WriteStringValue(address.ToString());
        writer.WriteEndArray();
        writer.WriteAttempts("attempts", report.Attempts);
        writer.WriteString("remote", report.Remote?.ToString());
        WriteTls(writer, report.TlsFacts);
        WriteHttp(writer, explanation.Http);
        explanation.Found?.Write?.Invoke(writer);
        writer.WriteStartArray("advice");
        foreach (var advice in explanation.Advice)
            writer.WriteStringValue(advice);
        writer.WriteEndArray();
        writer.WriteMs("totalMs", explanation.Total);
        if (explanation.Failure is { } failure)
            writer.WriteError(failure);
    }

    private static void WriteLayer(Utf8JsonWriter writer, Layer layer)
    {
        writer.WriteStartObject();
        writer.WriteString("layer", layer.Name);
        writer.WriteString("status", layer.Status);
        writer.WriteMs("elapsedMs", layer.Elapsed);
        writer.WriteStartArray("notes");
        foreach (var note in layer.Notes)
            writer.WriteStringValue(note.Trim());
        writer.WriteEndArray();
        writer.WriteEndObject();
    }

    private static void WriteTls(Utf8JsonWriter writer, TlsFacts? tls)
    {
        if (tls is null)
        {
            writer.WriteNull("tls");
            return;
        }
        writer.WriteStartObject("tls");
        writer.WriteString("protocol", tls.Protocol.Length == 0 ? null : tls.Protocol);
        writer.WriteString("cipherSuite", tls.CipherSuite.Length == 0 ? null : tls.CipherSuite);
        writer.WriteString("alpn", tls.ApplicationProtocol);
        writer.WriteStartArray("chain");
        foreach (var certificate in tls.Chain)
        {
            writer.WriteStartObject();
            writer.WriteString("subject", certificate.Subject);
            writer.WriteString("issuer", certificate.Issuer);
            writer.WriteStartArray("names");
            foreach (var name in certificate.Names)
                writer.WriteStringValue(name);
            writer.WriteEndArray();
            writer.WriteString("notBefore", certificate.NotBefore);
            writer.WriteString("notAfter", certificate.NotAfter);
            writer.WriteString("pin", "sha256//" + certificate.Pin);
            writer.WriteEndObject();
        }
        writer.WriteEndArray();
        writer.WriteEndObject();
    }

    private static void WriteHttp(Utf8JsonWriter writer, HttpFacts? http)
    {
        if (http is null)
        {
            writer.WriteNull("http");
            return;
        }
        writer.WriteStartObject("http");
        writer.WriteNumber("status", http.Status);
        writer.WriteString("reason", http.Reason);
        writer.WriteString("version", http.Version);
        writer.WriteString("location", http.Location);
        writer.WriteMs("elapsedMs", http.Elapsed);
        writer.WriteEndObject();
    }
}
