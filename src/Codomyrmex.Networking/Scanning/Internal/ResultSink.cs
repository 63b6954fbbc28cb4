using System.Net;
using System.Threading.Channels;
using Codomyrmex.Networking.Transport.Internal;

namespace Codomyrmex.Networking.Scanning.Internal;

/// <summary>Takes what the engine finds, has it identified where the caller wants that, and hands it on.</summary>
internal sealed class ResultSink(ChannelWriter<PortResult> results, PortScannerOptions options, ScanNotes notes, CancellationToken cancellationToken) : IScanSink, IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(2);

    private readonly SemaphoreSlim _identifying = new(options.IdentifyConcurrency);
    private readonly List<Task> _tasks = [];

    public bool WantsAll => options.ReportAll;

    public PortProtocol Protocol { get; set; }

    /// <summary>Where progress is kept; null for nowhere.</summary>
    public ScanJournal? Journal { get; set; }

    public void Found(in ScanHost host, int port, Finding finding, TimeSpan? roundTrip)
    {
        Journal?.Found(Protocol, host, port, finding, roundTrip);
        Report(host, port, finding, roundTrip);
    }

    public void Report(in ScanHost host, int port, Finding finding, TimeSpan? roundTrip)
    {
        var result = new PortResult
        {
            Host = host.Host,
            Address = host.Address,
            Port = port,
            Protocol = Protocol,
            State = finding.State,
            Reason = finding.Reason,
            RoundTrip = roundTrip,
        };
        if (options.Identify is null || finding.State != PortState.Open)
            Write(result);
        else
            Start(IdentifyAsync(options.Identify, result));
    }

    public void Note(ScanNoteKind kind, string? host, string text) => notes.Add(kind, host, text);

    public void Closed(in ScanHost host, int port) => Journal?.Closed(Protocol, host, port);

    public void HostDone(HostScan host, HostEnd end) => Journal?.HostDone(Protocol, host, end);

    public void Suspect(string host, IPAddress address, IReadOnlyList<int> ports)
    {
        // What is looked at closer is connected to, beside the pace.
        if (!ProbeWires.IsIndirect(options.Transport) && options.Pace is null)
            Start(LookCloserAsync(host, address, ports));
    }

    /// <summary>Waits for everything that was found to be handed on.</summary>
    public async Task CompleteAsync()
    {
        Task[] tasks;
        lock (_tasks)
            tasks = [.. _tasks];
        await Task.WhenAll(tasks).ConfigureAwait(false);
    }

    public async ValueTask DisposeAsync()
    {
        Task[] tasks;
        lock (_tasks)
            tasks = [.. _tasks];
        await Task.WhenAll(tasks).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _identifying.Dispose();
    }

    private void Start(Task task)
    {
        lock (_tasks)
        {
            _tasks.RemoveAll(static other => other.IsCompletedSuccessfully);
            _tasks.Add(task);
        }
    }

    // The engine's thread waits where nobody reads: what has come meanwhile waits in the system.
    private void Write(PortResult result)
    {
        if (!results.TryWrite(result))
            results.WriteAsync(result, cancellationToken).AsTask().GetAwaiter().GetResult();
    }

    private async Task IdentifyAsync(Func<PortResult, CancellationToken, ValueTask<ServiceInfo?>> identify, PortResult result)
    {
        await _identifying.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            await Task.Yield();
            result = result with { Service = await identify(result, cancellationToken).ConfigureAwait(false) };
        }
        catch (NetworkException)
        {
            // Nothing was recognised; the port is as open as before.
        }
        finally
        {
            _identifying.Release();
        }
        await results.WriteAsync(result, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Connects to a few of the ports and watches: a proxy of SYNs breaks connections off that nobody accepts, a tarpit holds them.</summary>
    private async Task LookCloserAsync(string host, IPAddress address, IReadOnlyList<int> ports)
    {
        await Task.Yield();
        var outcomes = await Task.WhenAll(ports.Select(port =>
            ConnectionTrial.RunAsync(new IPEndPoint(address, port), options.Transport, Patience, options.Clock, cancellationToken))).ConfigureAwait(false);
        if (Most(TrialOutcome.Reset))
            Note(ScanNoteKind.SynProxy, host, "Its connections are broken off right after they were made: something completes them before it is known whether anybody listens.");
        else if (Most(TrialOutcome.Stuck))
            Note(ScanNoteKind.Tarpit, host, "It accepts connections and takes no data: a tarpit.");

        bool Most(TrialOutcome outcome) => outcomes.Count(each => each == outcome) * 4 >= outcomes.Length * 3;
    }
}
