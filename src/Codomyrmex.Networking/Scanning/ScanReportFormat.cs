namespace Codomyrmex.Networking.Scanning;

/// <summary>What a report is written as.</summary>
public enum ScanReportFormat
{
    /// <summary>A JSON document a line: each finding, then the summary. Reads back.</summary>
    JsonLines,

    /// <summary>XML as nmap writes it (nmap.dtd), for programs that read that. Reads back, as nmap's own does.</summary>
    NmapXml,

    /// <summary>Comma-separated values (RFC 4180) with a line of names. No cell is a formula to a spreadsheet.</summary>
    Csv,

    /// <summary>One page for people that needs nothing else: a table with filters, charts, light and dark.</summary>
    Html,
}
