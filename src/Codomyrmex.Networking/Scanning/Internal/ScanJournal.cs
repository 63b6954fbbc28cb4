using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Net;
using System.Security.Cryptography;
using System.Text;

namespace Codomyrmex.Networking.Scanning.Internal;

/// <summary>
/// A scan's progress in a file of lines, so that one that was killed goes on where it stopped. What has been written survives the process; a line that was
/// cut off is as if it had never been written. Used by one thread.
/// </summary>
/// <remarks>
/// <c>p</c> a port that was reported, <c>c</c> closed ports of a host in progress, a quarter of a second's worth a line, <c>h</c> a host that is done. So what is written
/// for a host that is done quickly is one line, however many ports it has.
/// </remarks>
internal sealed class ScanJournal : IDisposable
{
    private const int MostWaiting = 2000;

    private readonly FileStream _file;
    private readonly TimeProvider _clock;
    private readonly StringBuilder _lines = new();
    private readonly Dictionary<long, List<int>> _closed = [];
    private JournalContent? _content;
    private long _writtenAt;
    private int _waiting;

    private ScanJournal(FileStream file, TimeProvider clock)
    {
        _file = file;
        _clock = clock;
        _writtenAt = clock.GetTimestamp();
    }

    /// <summary>The seed of the scan, which the one that goes on shares.</summary>
    public ulong Seed { get; private set; }

    /// <summary>Whether there was something to go on from.</summary>
    public bool IsResumed => _content is not null;

    /// <summary>The hosts, with the addresses that their names had when the scan began.</summary>
    [AllowNull]
    public ScanTargets Targets { get; private set; }

    public Dictionary<IPAddress, string> Names { get; private set; } = [];

    /// <summary>What is known of one protocol's ports; null where there was nothing to go on from.</summary>
    public JournalRecord? this[PortProtocol protocol] => _content?[protocol];

    /// <summary>Opens a plan's journal, or begins it.</summary>
    /// <exception cref="NetworkException"><c>local.exists</c>: it is another plan's, or no journal. <c>local.io</c>: it cannot be opened.</exception>
    public static ScanJournal Open(ScanPlan plan, Func<(ScanTargets Targets, Dictionary<IPAddress, string> Names, ulong Seed)> begin, TimeProvider clock)
    {
        FileStream file;
        try
        {
            file = new FileStream(plan.JournalPath!, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.Read);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw Failure(ErrorCodes.LocalIo, $"The journal {Printable.Text(plan.JournalPath)} cannot be opened: {error.Message}").ToException(error);
        }
        var journal = new ScanJournal(file, clock);
        try
        {
            if (file.Length > 0)
                journal.Read(plan);
            else
                journal.Begin(plan, begin());
            return journal;
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    public void Found(PortProtocol protocol, in ScanHost host, int port, Finding finding, TimeSpan? roundTrip)
    {
        Flush(host.Index);
        var micros = roundTrip is { } time ? (long)time.TotalMicroseconds : -1;
        _lines.Append(CultureInfo.InvariantCulture, $"p {(int)protocol} {host.Index} {port} {(int)finding.State} {(int)finding.Reason} {micros}\n");
        Write();
    }

    public void Closed(PortProtocol protocol, in ScanHost host, int port)
    {
        var key = host.Index * 2 + (int)protocol;
        if (!_closed.TryGetValue(key, out var ports))
            _closed[key] = ports = [];
        ports.Add(port);
        if (++_waiting >= MostWaiting || _clock.GetElapsedTime(_writtenAt) >= TimeSpan.FromMilliseconds(250))
            WriteClosed();
    }

    public void HostDone(PortProtocol protocol, HostScan host, HostEnd end)
    {
        // What it says counts for all of its lines before it.
        if (_closed.Remove(host.Host.Index * 2 + (int)protocol, out var ports))
            _waiting -= ports.Count;
        _lines.Append(CultureInfo.InvariantCulture, $"h {(int)protocol} {host.Host.Index} {(int)end} {host.Open} {host.Closed} {host.Filtered} {host.Remaining}\n");
        if (_lines.Length > 8192 || _clock.GetElapsedTime(_writtenAt) >= TimeSpan.FromMilliseconds(250))
            Write();
    }

    public void Dispose()
    {
        WriteClosed();
        _file.Dispose();
    }

    private void Begin(ScanPlan plan, (ScanTargets Targets, Dictionary<IPAddress, string> Names, ulong Seed) start)
    {
        (Targets, Seed) = (start.Targets, start.Seed);
        _lines.Append(CultureInfo.InvariantCulture, $"{JournalContent.Title} {Fingerprint(plan)} {Seed}\nt {Targets}\n");
        foreach (var (address, name) in start.Names)
        {
            Names[address] = name;
            _lines.Append(CultureInfo.InvariantCulture, $"n {address} {name}\n");
        }
        _lines.Append("s\n");
        Write();
    }

    private void Read(ScanPlan plan)
    {
        var bytes = new byte[_file.Length];
        _file.ReadExactly(bytes);
        if (JournalContent.Read(bytes, Fingerprint(plan), plan.Seed) is not { } content)
        {
            throw (Failure(ErrorCodes.LocalExists, $"{Printable.Text(plan.JournalPath)} is no journal of this plan: another one's, or none that was begun.") with
            {
                Hint = "Name another file, or delete this one where what it holds is not wanted any more.",
            }).ToException();
        }
        // What a killed process left half written is cut off; new lines follow the last whole one.
        _file.SetLength(content.Length);
        _file.Position = content.Length;
        (_content, Targets, Names, Seed) = (content, content.Targets, content.Names, content.Seed);
    }

    private static string Fingerprint(ScanPlan plan) =>
        Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes($"{plan.Targets}|{string.Join(' ', plan.Targets.ExcludedNames)}|{plan.Ports}|{plan.Shard}")))[..32];

    private void Flush(long host)
    {
        for (var protocol = 0; protocol < 2; protocol++)
        {
            if (_closed.Remove(host * 2 + protocol, out var ports))
                Append(host * 2 + protocol, ports);
        }
    }

    private void WriteClosed()
    {
        foreach (var (key, ports) in _closed)
            Append(key, ports);
        _closed.Clear();
        Write();
    }

    private void Append(long key, List<int> ports)
    {
        _waiting -= ports.Count;
        _lines.Append(CultureInfo.InvariantCulture, $"c {key % 2} {key / 2} ").AppendJoin(' ', ports).Append('\n');
    }

    private void Write()
    {
        _writtenAt = _clock.GetTimestamp();
        if (_lines.Length == 0)
            return;
        try
        {
            _file.Write(Encoding.UTF8.GetBytes(_lines.ToString()));
            // To the system, which outlives this process.
            _file.Flush();
        }
        catch (IOException error)
        {
            throw Failure(ErrorCodes.LocalIo, $"The journal {Printable.Text(_file.Name)} cannot be written: {error.Message}").ToException(error);
        }
        _lines.Clear();
    }

    private static NetworkFailure Failure(string code, string message) => new() { Code = code, Message = message, Phase = NetworkPhase.Prepare };
}
