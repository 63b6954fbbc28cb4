using Codomyrmex.Networking.Cli.Parsing;
using Codomyrmex.Networking.Scanning;

namespace Codomyrmex.Networking.Cli.Commands;

/// <summary>The files that a scan is written to: opened before it begins, so that nothing is scanned for a report that cannot be written.</summary>
internal sealed class ScanReports : IDisposable
{
    private readonly List<(OutputFile File, ScanReportFormat Format)> _files = [];

    public ScanReports(ParsedArguments arguments)
    {
        foreach (var (option, format) in (ReadOnlySpan<(Option, ScanReportFormat)>)
            [(ScanOptions.Xml, ScanReportFormat.NmapXml), (ScanOptions.Html, ScanReportFormat.Html), (ScanOptions.Csv, ScanReportFormat.Csv)])
        {
            if (arguments.Text(option) is not { } path)
                continue;
            try
            {
                _files.Add((new OutputFile(path, option.Name), format));
            }
            catch
            {
                Dispose();
                throw;
            }
        }
    }

    public async Task WriteAsync(ScanReport report)
    {
        foreach (var (file, format) in _files)
        {
            try
            {
                // What was found is written even where the scan was interrupted.
                await ScanReportFile.WriteAsync(report, file.Stream, format, CancellationToken.None);
                file.Complete();
            }
            catch (Exception error) when (error is IOException or UnauthorizedAccessException)
            {
                throw file.Unwritten(error);
            }
        }
    }

    public void Dispose()
    {
        foreach (var (file, _) in _files)
            file.Dispose();
    }
}
