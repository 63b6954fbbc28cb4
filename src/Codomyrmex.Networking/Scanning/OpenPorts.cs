using System.Collections;

namespace Codomyrmex.Networking.Scanning;

/// <summary>The open ports of one host, as their numbers: ascending, each once, whatever the host's addresses. Beside them what else the scan has to say.</summary>
public sealed class OpenPorts : IReadOnlyList<int>
{
    private readonly int[] _ports;

    internal OpenPorts(ScanReport report)
    {
        Report = report;
        _ports = [.. report.Results.Where(static result => result.State == PortState.Open).Select(static result => result.Port).Distinct().Order()];
    }

    /// <summary>Everything that was found, with reasons and times.</summary>
    public ScanReport Report { get; }

    /// <summary>How the scan went, and how sure it is.</summary>
    public ScanSummary Summary => Report.Summary;

    /// <summary>How many there are.</summary>
    public int Count => _ports.Length;

    /// <summary>One of them.</summary>
    /// <param name="index">Its place, from 0.</param>
    public int this[int index] => _ports[index];

    /// <inheritdoc/>
    public IEnumerator<int> GetEnumerator() => ((IEnumerable<int>)_ports).GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    /// <summary><c>22, 80, 443</c>, or <c>none</c>.</summary>
    public override string ToString() => _ports.Length == 0 ? "none" : string.Join(", ", _ports);
}
