using Codomyrmex.Networking.Benchmarks.Suite;

namespace Codomyrmex.Networking.Benchmarks.Http;

/// <summary>The workers of a run: each is started once, when it is first needed, and lives to the end.</summary>
internal sealed class PeerSet(int processes) : IAsyncDisposable
{
    private readonly Dictionary<string, WorkerPeer> _own = [];
    private readonly List<string> _missing = ["Flurl.Http 4 (not served by the package source)"];
    private IReadOnlyList<WorkerPeer>? _foreign;

    /// <summary>Peers that are not installed here.</summary>
    public IReadOnlyList<string> Missing => _missing;

    public IReadOnlyList<WorkerPeer> Foreign => _foreign ??= [.. ForeignPeers.Start(_missing)];

    public IEnumerable<WorkerPeer> Own(params string[] workers) => [.. workers.Select(Own)];

    public async ValueTask DisposeAsync()
    {
        foreach (var peer in _own.Values.Concat(_foreign ?? []))
            await peer.DisposeAsync();
    }

    private WorkerPeer Own(string worker)
    {
        if (!_own.TryGetValue(worker, out var peer))
            _own[worker] = peer = WorkerPeer.StartOwn(worker, processes);
        return peer;
    }
}
