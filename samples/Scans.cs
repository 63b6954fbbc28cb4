using Codomyrmex.Networking.Scanning;

namespace Codomyrmex.Networking.Samples;

/// <summary>Which ports are open, how sure that is, and how a scan is watched.</summary>
public static class Scans
{
    public static async Task RunAsync(Uri server, TextWriter output, CancellationToken ct)
    {
        // sample: open
        var scanner = new PortScanner("127.0.0.1");
        var open = await scanner.ScanAsync(1..1024, ct);
        await output.WriteLineAsync($"Open ports: {open}");
        await output.WriteLineAsync($"{open.Summary.Closed} closed, {open.Summary.Filtered} filtered in {open.Summary.Elapsed.TotalMilliseconds:0} ms");
        // end

        // sample: stream
        var plan = new ScanPlan { Targets = ScanTargets.Parse("127.0.0.1", "127.0.0.2-9"), Ports = PortSet.Parse($"22,80,443,{server.Port}") };
        var run = new PortScanner(new PortScannerOptions { ReportAll = true, ProbesPerSecond = 2000 }).ScanStreamAsync(plan, ct);
        await foreach (PortResult r in run)
        {
            if (r.State == PortState.Open)
                await output.WriteLineAsync($"{r} after {run.Statistics.Elapsed.TotalMilliseconds:0} ms");
        }
        // end

        // sample: sure
        var summary = run.Summary;
        await output.WriteLineAsync($"asked by {summary.Mode}: {summary.ModeReason}");
        await output.WriteLineAsync($"recall {summary.Recall:P0} of {summary.Canaries} canaries, confidence {summary.Confidence:P2}");
        foreach (var note in summary.Notes)
            await output.WriteLineAsync(note.ToString());
        // end

        // sample: journal
        var journal = Path.Combine(Path.GetTempPath(), Path.GetRandomFileName());
        var resumable = plan with { JournalPath = journal };
        await new PortScanner().ScanAsync(resumable, ct);
        var again = await new PortScanner().ScanAsync(resumable, ct);
        await output.WriteLineAsync($"{again.Results.Count} open ports known from the journal, {again.Summary.ProbesSent} probes sent");
        // end
        File.Delete(journal);
    }
}
