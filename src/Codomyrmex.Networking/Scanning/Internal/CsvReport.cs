using System.Globalization;
using System.Text;

namespace Codomyrmex.Networking.Scanning.Internal;

/// <summary>Reports as comma-separated values (RFC 4180), in UTF-8.</summary>
internal static class CsvReport
{
    private const string Head =
        "host,address,port,protocol,state,reason,service,product,version,banner,http_status,http_title,tls,alpn,certificate_subject,certificate_issuer,certificate_names,certificate_not_after,ssh_host_key,rtt_ms\r\n";

    public static void Write(ScanReport report, Stream output)
    {
        using var writer = new StreamWriter(output, new UTF8Encoding(false), leaveOpen: true);
        writer.Write(Head);
        foreach (var result in report.Results)
        {
            var service = result.Service;
            var leaf = service?.Tls is { Chain: [var first, ..] } ? first : null;
            string?[] cells =
            [
                result.Host, result.Address.ToString(), Number(result.Port), ScanText.Of(result.Protocol), ScanText.Of(result.State), ScanText.Of(result.Reason),
                service?.Name ?? ScanJson.AssignedName(result), service?.Product, service?.Version, service?.Banner, Number(service?.HttpStatus), service?.HttpTitle,
                service?.Tls?.Protocol, service?.Tls?.ApplicationProtocol, leaf?.Subject, leaf?.Issuer, leaf is null ? null : string.Join(' ', leaf.Names),
                leaf?.NotAfter.ToString("yyyy-MM-dd HH:mm:ssZ", CultureInfo.InvariantCulture), service?.SshHostKeyFingerprint,
                result.RoundTrip?.TotalMilliseconds.ToString("0.###", CultureInfo.InvariantCulture),
            ];
            writer.Write(string.Join(',', cells.Select(Cell)));
            writer.Write("\r\n");
        }
    }

    private static string? Number(int? number) => number?.ToString(CultureInfo.InvariantCulture);

    /// <summary>
    /// A cell. What a spreadsheet would take for a formula gets an apostrophe before it, which makes it text there (OWASP, "CSV Injection"): a banner must not run
    /// commands on the machine of whoever opens the report.
    /// </summary>
    public static string Cell(string? text)
    {
        if (string.IsNullOrEmpty(text))
            return "";
        var clean = Printable.Text(text, 1000);
        if (clean.TrimStart(' ', '"', '\'') is ['=' or '+' or '-' or '@' or '|' or '%' or '\uFF1D' or '\uFF0B' or '\uFF0D' or '\uFF20', ..])
            clean = "'" + clean;
        return clean.AsSpan().ContainsAny(",\"' ") || clean.Length != text.Length ? $"\"{clean.Replace("\"", "\"\"", StringComparison.Ordinal)}\"" : clean;
    }
}
