using System.Net;
using System.Text.Json;
using Codomyrmex.Networking.Transport;

namespace Codomyrmex.Networking.Scanning.Internal;

/// <summary>Reports as JSON lines.</summary>
internal static class JsonLinesReport
{
    private static readonly JsonDocumentOptions Depth = new() { MaxDepth = 8 };

    public static void Write(ScanReport report, Stream output)
    {
        using var writer = new Utf8JsonWriter(output);
        foreach (var result in report.Results)
        {
            writer.WriteStartObject();
            ScanJson.WriteMembers(writer, result);
            writer.WriteEndObject();
            End(writer, output);
        }
        writer.WriteStartObject();
        writer.WriteStartObject("summary");
        ScanJson.WriteSummary(writer, report);
        writer.WriteEndObject();
        writer.WriteEndObject();
        End(writer, output);
    }

    public static ScanReport Read(ReadOnlyMemory<byte> file)
    {
        var results = new List<PortResult>();
        ScanReport? summary = null;
        var number = 0;
        for (var rest = file; !rest.IsEmpty;)
        {
            number++;
            var end = rest.Span.IndexOf((byte)'\n');
            var line = end < 0 ? rest : rest[..end];
            rest = end < 0 ? default : rest[(end + 1)..];
            if (line.Span.Trim(" \t\r"u8).IsEmpty)
                continue;
            try
            {
                using var document = JsonDocument.Parse(line, Depth);
                if (document.RootElement.TryGetProperty("summary", out var totals))
                    summary = ReadSummary(totals);
                else if (document.RootElement.TryGetProperty("port", out _))
                    results.Add(ReadResult(document.RootElement));
            }
            catch (Exception error) when (error is JsonException or InvalidOperationException or FormatException or ArgumentException or KeyNotFoundException)
            {
                throw new FormatException($"Line {number} of the report is not a finding: {Printable.Text(error.Message)}", error);
            }
        }
        // A scan that was broken off has no last line.
        return (summary ?? ReportParts.Empty) with { Results = results };
    }

    private static void End(Utf8JsonWriter writer, Stream output)
    {
        writer.Flush();
        writer.Reset();
        output.WriteByte((byte)'\n');
    }

    private static PortResult ReadResult(JsonElement line)
    {
        var address = IPAddress.Parse(line.GetProperty("address").GetString() ?? "");
        return new PortResult
        {
            Host = Text(line, "host") ?? address.ToString(),
            Address = address,
            Port = ReportParts.Port(line.GetProperty("port").GetInt32()),
            Protocol = ReportParts.Protocol(Text(line, "protocol")),
            State = ReportParts.State(Text(line, "state")),
            Reason = ReportParts.Reason(Text(line, "reason")),
            RoundTrip = ReportParts.Milliseconds(Number(line, "rttMs")),
            Service = Text(line, "serviceFrom") == "probe" ? ReadService(line) : null,
        };
    }

    private static ServiceInfo ReadService(JsonElement line)
    {
        var service = new ServiceInfo
        {
            Name = Text(line, "service") ?? "unknown",
            Product = Text(line, "product"),
            Version = Text(line, "version"),
            Banner = Text(line, "banner"),
            SshHostKeyFingerprint = Text(line, "sshHostKey"),
        };
        if (line.TryGetProperty("http", out var http))
            service = service with { HttpStatus = (int?)Number(http, "status"), HttpTitle = Text(http, "title"), HttpServer = Text(http, "server") };
        return line.TryGetProperty("tls", out var tls) ? service with { Tls = ReadTls(tls) } : service;
    }

    private static TlsFacts ReadTls(JsonElement tls)
    {
        List<CertificateFacts> chain = [];
        if (Text(tls, "subject") is { } subject)
        {
            string[] names = tls.TryGetProperty("names", out var list) ? [.. list.EnumerateArray().Select(static name => name.GetString() ?? "")] : [];
            chain.Add(new CertificateFacts(subject, Text(tls, "issuer") ?? "", names, tls.GetProperty("notBefore").GetDateTimeOffset(), tls.GetProperty("notAfter").GetDateTimeOffset(),
                Text(tls, "pin") ?? ""));
        }
        return new TlsFacts(Text(tls, "protocol") ?? "", Text(tls, "cipherSuite") ?? "", Text(tls, "alpn"), chain);
    }

    private static ScanReport ReadSummary(JsonElement totals)
    {
        var empty = ReportParts.Empty;
        return empty with
        {
            Targets = Text(totals, "targets") ?? "",
            Ports = Text(totals, "portList") ?? "",
            StartedAt = totals.TryGetProperty("startedAt", out var start) ? start.GetDateTimeOffset() : default,
            Summary = empty.Summary with
            {
                Hosts = Count(totals, "hosts"),
                HostsUp = Count(totals, "hostsUp"),
                HostsDown = Count(totals, "hostsDown"),
                Ports = Count(totals, "ports"),
                Open = Count(totals, "open"),
                Closed = Count(totals, "closed"),
                Filtered = Count(totals, "filtered"),
                OpenOrFiltered = Count(totals, "openOrFiltered"),
                Skipped = Count(totals, "skipped"),
                ProbesSent = Count(totals, "probes"),
                Repeats = Count(totals, "repeats"),
                Canaries = Count(totals, "canaries"),
                Elapsed = ReportParts.Milliseconds(Number(totals, "elapsedMs")) ?? default,
                Recall = Number(totals, "recall") ?? 1,
                Confidence = Number(totals, "confidence") ?? 1,
                Mode = Text(totals, "mode") == "syn" ? ScanMode.Syn : ScanMode.Connect,
                ModeReason = Text(totals, "modeReason") ?? "",
                IsComplete = !totals.TryGetProperty("complete", out var complete) || complete.GetBoolean(),
            },
        };
    }

    private static string? Text(JsonElement element, string name) => element.TryGetProperty(name, out var value) && value.ValueKind != JsonValueKind.Null ? value.GetString() : null;

    private static double? Number(JsonElement element, string name) => element.TryGetProperty(name, out var value) && value.ValueKind != JsonValueKind.Null ? value.GetDouble() : null;

    private static long Count(JsonElement element, string name) => element.TryGetProperty(name, out var value) ? value.GetInt64() : 0;
}
