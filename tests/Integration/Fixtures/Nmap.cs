using System.Diagnostics;
using System.Globalization;
using System.Xml.Linq;

namespace Codomyrmex.Networking.Tests.Integration.Fixtures;

/// <summary>The oracle: what nmap finds, every port with its state.</summary>
internal static class Nmap
{
    /// <summary>Scans, and gives each port's state in nmap's word for it.</summary>
    public static async Task<SortedDictionary<int, string>> ScanAsync(string target, params string[] options)
    {
        using var folder = new ServerFolder();
        var file = Path.Combine(folder.Path, "nmap.xml");
        // Only when asked to debug does it name every port, rather than "980 filtered ports".
        var start = new ProcessStartInfo("nmap", ["-n", "-Pn", "-d3", "-oX", file, .. target.Contains(':') ? ["-6"] : Array.Empty<string>(), .. options, target])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        using var process = Process.Start(start)!;
        var error = process.StandardError.ReadToEndAsync();
        _ = await process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        Assert.True(process.ExitCode == 0, await error);
        var text = await File.ReadAllTextAsync(file);
        // Its document type points to a style sheet of its own.
        var document = XDocument.Parse(text[text.IndexOf("<nmaprun", StringComparison.Ordinal)..]);
        var states = new SortedDictionary<int, string>();
        foreach (var port in document.Descendants("port"))
            states[int.Parse(port.Attribute("portid")!.Value, CultureInfo.InvariantCulture)] = port.Element("state")!.Attribute("state")!.Value;
        return states;
    }
}
