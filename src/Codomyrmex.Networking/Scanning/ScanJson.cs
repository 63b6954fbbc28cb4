using System.Text.Json;
using Codomyrmex.Networking.Transport;

namespace Codomyrmex.Networking.Scanning;

/// <summary>
/// The members of the JSON that reports and the command line write, so that whoever streams findings writes the same. Names are stable; more may be added. Thread-safe.
/// </summary>
public static class ScanJson
{
    /// <summary>
    /// Writes a finding's members into an object: <c>host</c>, <c>address</c>, <c>port</c>, <c>protocol</c>, <c>state</c>, <c>reason</c>, <c>service</c>, <c>banner</c>,
    /// <c>rttMs</c>, and what was learned of the service. <c>service</c> is what answered, or what the port is for where nobody asked (<c>serviceFrom</c>: <c>probe</c>
    /// or <c>port</c>).
    /// </summary>
    /// <param name="writer">Inside an object.</param>
    /// <param name="result">The finding.</param>
    public static void WriteMembers(Utf8JsonWriter writer, PortResult result)
    {
        ArgumentNullException.ThrowIfNull(writer);
        ArgumentNullException.ThrowIfNull(result);
        writer.WriteString("host", result.Host);
        writer.WriteString("address", result.Address.ToString());
        writer.WriteNumber("port", result.Port);
        writer.WriteString("protocol", ScanText.Of(result.Protocol));
        writer.WriteString("state", ScanText.Of(result.State));
        writer.WriteString("reason", ScanText.Of(result.Reason));
        var service = result.Service;
        writer.WriteString("service", service?.Name ?? AssignedName(result));
        writer.WriteString("banner", service?.Banner);
        WriteMs(writer, "rttMs", result.RoundTrip);
        if (service is null)
            return;
        writer.WriteString("serviceFrom", "probe");
        WriteText(writer, "product", service.Product);
        WriteText(writer, "version", service.Version);
        WriteText(writer, "sshHostKey", service.SshHostKeyFingerprint);
        if (service.HttpStatus is { } status)
        {
            writer.WriteStartObject("http");
            writer.WriteNumber("status", status);
            writer.WriteString("title", service.HttpTitle);
            writer.WriteString("server", service.HttpServer);
            writer.WriteEndObject();
        }
        if (service.Tls is { } tls)
            WriteTls(writer, tls);
    }

    /// <summary>Writes the members of a summary into an object: counts, times, recall and confidence, what was scanned, and notes.</summary>
    /// <param name="writer">Inside an object.</param>
    /// <param name="report">The report; its results are not written.</param>
    public static void WriteSummary(Utf8JsonWriter writer, ScanReport report)
    {
        ArgumentNullException.ThrowIfNull(writer);
        ArgumentNullException.ThrowIfNull(report);
        var summary = report.Summary;
        writer.WriteNumber("hosts", summary.Hosts);
        writer.WriteNumber("ports", summary.Ports);
        writer.WriteNumber("open", summary.Open);
        writer.WriteNumber("closed", summary.Closed);
        writer.WriteNumber("filtered", summary.Filtered);
        writer.WriteNumber("openOrFiltered", summary.OpenOrFiltered);
        writer.WriteNumber("skipped", summary.Skipped);
        writer.WriteNumber("hostsUp", summary.HostsUp);
        writer.WriteNumber("hostsDown", summary.HostsDown);
        WriteMs(writer, "elapsedMs", summary.Elapsed);
        writer.WriteNumber("recall", Math.Round(summary.Recall, 4));
        writer.WriteNumber("canaries", summary.Canaries);
        writer.WriteNumber("confidence", Math.Round(summary.Confidence, 6));
        writer.WriteNumber("probes", summary.ProbesSent);
        writer.WriteNumber("repeats", summary.Repeats);
        writer.WriteString("mode", ModeName(summary.Mode));
        writer.WriteString("modeReason", summary.ModeReason);
        writer.WriteBoolean("complete", summary.IsComplete);
        writer.WriteString("startedAt", report.StartedAt);
        writer.WriteString("targets", report.Targets);
        writer.WriteString("portList", report.Ports);
        writer.WriteStartArray("notes");
        foreach (var note in summary.Notes)
            writer.WriteStringValue(note.ToString());
        writer.WriteEndArray();
    }

    internal static string? AssignedName(PortResult result) => result.Protocol == PortProtocol.Udp ? PortNames.OfUdp(result.Port) : PortNames.OfTcp(result.Port);

    internal static string ModeName(ScanMode mode) => mode == ScanMode.Syn ? "syn" : "connect";

    private static void WriteTls(Utf8JsonWriter writer, TlsFacts tls)
    {
        writer.WriteStartObject("tls");
        writer.WriteString("protocol", tls.Protocol);
        writer.WriteString("cipherSuite", tls.CipherSuite);
        writer.WriteString("alpn", tls.ApplicationProtocol);
        if (tls.Chain is [var leaf, ..])
        {
            writer.WriteString("subject", leaf.Subject);
            writer.WriteString("issuer", leaf.Issuer);
            writer.WriteStartArray("names");
            foreach (var name in leaf.Names)
                writer.WriteStringValue(name);
            writer.WriteEndArray();
            writer.WriteString("notBefore", leaf.NotBefore);
            writer.WriteString("notAfter", leaf.NotAfter);
            writer.WriteString("pin", leaf.Pin);
        }
        writer.WriteEndObject();
    }

    private static void WriteText(Utf8JsonWriter writer, string name, string? text)
    {
        if (text is not null)
            writer.WriteString(name, text);
    }

    private static void WriteMs(Utf8JsonWriter writer, string name, TimeSpan? time)
    {
        if (time is { } value)
            writer.WriteNumber(name, Math.Round(value.TotalMilliseconds, 3));
        else
            writer.WriteNull(name);
    }
}
