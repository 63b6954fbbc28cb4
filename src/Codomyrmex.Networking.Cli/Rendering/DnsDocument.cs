using System.Text.Json;
using Codomyrmex.Networking.Transport;

namespace Codomyrmex.Networking.Cli.Rendering;

/// <summary>Writes the answers of name servers as a document.</summary>
internal static class DnsDocument
{
    public static void Write(Utf8JsonWriter writer, string name, DnsRecordType[] types, IReadOnlyList<DnsAnswer> answers)
    {
        writer.WriteString("name", name);
        writer.WriteString("type", string.Join(',', types.Select(DnsText.TypeName)));
        writer.WriteStartArray("answers");
        foreach (var record in DnsText.Records(answers))
        {
            writer.WriteStartObject();
            writer.WriteString("name", record.Name);
            writer.WriteString("type", DnsText.TypeName(record.Type));
            writer.WriteNumber("ttl", (long)record.TimeToLive.TotalSeconds);
            writer.WriteString("data", record.Data);
            writer.WriteEndObject();
        }
        writer.WriteEndArray();
        writer.WriteString("server", answers[0].Server.ToString());
        writer.WriteString("transport", answers.Any(answer => answer.OverTcp) ? "tcp" : "udp");
        writer.WriteBoolean("authoritative", answers.All(answer => answer.IsAuthoritative));
        writer.WriteMs("elapsedMs", answers.Max(answer => answer.Elapsed));
    }
}
