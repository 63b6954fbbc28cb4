using Codomyrmex.Networking.Benchmarks.Suite;

namespace Codomyrmex.Networking.Benchmarks.WebSockets;

/// <summary>The workers of the suite: ours, the platform's, a library over it, and those of other languages where their packages are installed.</summary>
internal sealed class WebSocketPeers : IAsyncDisposable
{
    private static readonly string Scripts = Path.Combine(Repository.Root, "bench", "peers");
    private readonly Dictionary<string, WorkerPeer> _peers = [];
    private readonly List<string> _missing = [];

    public WebSocketPeers(int processes)
    {
        foreach (var name in (string[])[WebSocketWorks.Own, WebSocketWorks.Platform, WebSocketWorks.Library])
            _peers[name] = WorkerPeer.StartOwn(name, processes);
        AddNode(WebSocketWorks.Ws, "ws", "ws@8", "ws/wrapper.mjs");
        AddNode(WebSocketWorks.WsCorked, "ws-corked", "ws@8", "ws/wrapper.mjs");
        AddNode(WebSocketWorks.Undici, "undici", "undici@7", "undici/index.js");
        if (Programs.Find("/usr/bin/python3") is { } python && Programs.Succeeds(python, "-c", "import websockets"))
            _peers[WebSocketWorks.Python] = WorkerPeer.TryStart(WebSocketWorks.Python, 1, python, Path.Combine(Scripts, "websocket_peer.py"))!;
        else
            _missing.Add(WebSocketWorks.Python);
    }

    public IReadOnlyList<string> Missing => _missing;

    public IReadOnlyList<IPeer> Of(params string[] names) => [.. names.Where(_peers.ContainsKey).Select(name => _peers[name])];

    public async ValueTask DisposeAsync()
    {
        foreach (var peer in _peers.Values)
            await peer.DisposeAsync();
    }

    private void AddNode(string name, string kind, string package, string module)
    {
        if (Programs.NodeModule(package, module) is { } path)
            _peers[name] = WorkerPeer.TryStart(name, 1, "node", Path.Combine(Scripts, "websocket_peer.mjs"), kind, path)!;
        else
            _missing.Add(name);
    }
}
