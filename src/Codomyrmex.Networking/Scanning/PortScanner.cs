using Codomyrmex.Networking.Scanning.Internal;

namespace Codomyrmex.Networking.Scanning;

/// <summary>Finds which ports of hosts answer. Safe to share between threads; scans do not know of each other.</summary>
/// <remarks>
/// Scan what is yours, or what you have leave to scan: a <see cref="ScanScope"/> says what that is, and more than a few addresses of the public internet
/// are not scanned without one.
/// </remarks>
public sealed class PortScanner
{
    /// <summary>Makes a scanner for plans.</summary>
    /// <param name="options">Its settings; null for the defaults.</param>
    /// <exception cref="ArgumentException">A setting makes no sense.</exception>
    public PortScanner(PortScannerOptions? options = null)
    {
        Options = options ?? PortScannerOptions.Default;
        Options.Validate();
    }

    /// <summary>Makes a scanner for one host.</summary>
    /// <param name="host">A host name, of which every address is scanned, or an address.</param>
    /// <param name="options">Its settings; null for the defaults.</param>
    /// <exception cref="ArgumentException">A setting makes no sense, or this is no host.</exception>
    public PortScanner(string host, PortScannerOptions? options = null) : this(options)
    {
        ArgumentNullException.ThrowIfNull(host);
        try
        {
            Targets = ScanTargets.Parse(host);
        }
        catch (FormatException wrong)
        {
            throw new ArgumentException(wrong.Message, nameof(host), wrong);
        }
        Host = host;
    }

    /// <summary>The host whose ports <see cref="ScanAsync(PortSet, CancellationToken)"/> scans; null for a scanner that was made without one.</summary>
    public string? Host { get; }

    /// <summary>The settings.</summary>
    public PortScannerOptions Options { get; }

    private ScanTargets? Targets { get; }

    /// <summary>Scans ports of the scanner's host.</summary>
    /// <param name="ports">The ports. Written as a range, both ends are included: <c>1..1024</c> has 1024 of them.</param>
    /// <param name="cancellationToken">Cancels the scan.</param>
    /// <returns>The open ports, with everything else that is to be said beside them.</returns>
    /// <exception cref="NetworkException">
    /// The host's name has no address, the egress policy denies it (<see cref="PolicyException"/>), or this machine cannot scan. That a port does not answer
    /// is no error.
    /// </exception>
    /// <exception cref="InvalidOperationException">The scanner was made without a host.</exception>
    public async Task<OpenPorts> ScanAsync(PortSet ports, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(ports);
        var plan = new ScanPlan { Targets = Targets ?? throw new InvalidOperationException("This scanner was made without a host: scan a plan."), Ports = ports };
        return new OpenPorts(await ScanAsync(plan, cancellationToken).ConfigureAwait(false));
    }

    /// <summary>Scans a plan to its end.</summary>
    /// <param name="plan">The plan.</param>
    /// <param name="cancellationToken">Cancels the scan.</param>
    /// <exception cref="NetworkException">Nothing of the plan may or can be scanned; says why.</exception>
    /// <exception cref="ArgumentException">The plan makes no sense.</exception>
    public async Task<ScanReport> ScanAsync(ScanPlan plan, CancellationToken cancellationToken = default)
    {
        var run = ScanStreamAsync(plan, cancellationToken);
        var results = new List<PortResult>();
        await foreach (var result in run.ConfigureAwait(false))
            results.Add(result);
        return run.ReportOf(results);
    }

    /// <summary>Scans a plan, and gives each finding as soon as it is made. The scan begins when the results are enumerated.</summary>
    /// <param name="plan">The plan.</param>
    /// <param name="cancellationToken">Cancels the scan.</param>
    /// <returns>The results, to be enumerated once; it also knows how far the scan has come.</returns>
    /// <exception cref="ArgumentException">The plan makes no sense.</exception>
    public ScanRun ScanStreamAsync(ScanPlan plan, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(plan);
        plan.Validate();
        return new ScanRun(new ScanExecution(plan, Options), cancellationToken);
    }
}
