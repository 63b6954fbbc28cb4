using Codomyrmex.Networking.Scanning.Internal;

namespace Codomyrmex.Networking.Scanning;

/// <summary>Writes reports, and reads them again. What came from the network is escaped as each format needs it. Thread-safe.</summary>
public static class ScanReportFile
{
    private const int LargestFile = 512 * 1024 * 1024;

    /// <summary>Writes a report.</summary>
    /// <param name="report">The report.</param>
    /// <param name="output">Where to; it stays open.</param>
    /// <param name="format">As what.</param>
    /// <param name="cancellationToken">Cancels it.</param>
    public static async Task WriteAsync(ScanReport report, Stream output, ScanReportFormat format, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(report);
        ArgumentNullException.ThrowIfNull(output);
        using var buffer = new MemoryStream();
        switch (format)
        {
            case ScanReportFormat.JsonLines:
                JsonLinesReport.Write(report, buffer);
                break;
            case ScanReportFormat.NmapXml:
                NmapXmlWriter.Write(report, buffer);
                break;
            case ScanReportFormat.Csv:
                CsvReport.Write(report, buffer);
                break;
            case ScanReportFormat.Html:
                HtmlReport.Write(report, buffer);
                break;
            default:
                throw new ArgumentOutOfRangeException(nameof(format), format, "There is no such format.");
        }
        buffer.Position = 0;
        await buffer.CopyToAsync(output, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>
    /// Reads a report: JSON lines as <see cref="WriteAsync"/> writes them, or nmap's XML, be it ours or nmap's. What the file does not tell is empty or 0. External
    /// entities of XML are never fetched, and its document type is passed over.
    /// </summary>
    /// <param name="input">Where from, 512 MiB at most; it stays open.</param>
    /// <param name="cancellationToken">Cancels it.</param>
    /// <exception cref="FormatException">It is neither; the message says where.</exception>
    public static async Task<ScanReport> ReadAsync(Stream input, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(input);
        using var buffer = new MemoryStream();
        var chunk = new byte[64 * 1024];
        while (await input.ReadAsync(chunk, cancellationToken).ConfigureAwait(false) is > 0 and var count)
        {
            if (buffer.Length + count > LargestFile)
                throw new FormatException($"The report is larger than {LargestFile / 1024 / 1024} MiB.");
            buffer.Write(chunk, 0, count);
        }
        return Parse(buffer.GetBuffer().AsMemory(0, (int)buffer.Length));
    }

    internal static ScanReport Parse(ReadOnlyMemory<byte> file)
    {
        if (file.Span.StartsWith("\uFEFF"u8))
            file = file[3..];
        return file.Span.TrimStart(" \t\r\n"u8) switch
        {
            [(byte)'{', ..] => JsonLinesReport.Read(file),
            [(byte)'<', ..] => NmapXmlReader.Read(file),
            _ => throw new FormatException("This is no report of a scan: neither JSON lines nor nmap's XML."),
        };
    }
}
