using System.Diagnostics;
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
        if (Programs.Find("/usr/bin/python3") is { } python && Succeeds(python, "-c", "import websockets"))
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
        var folder = Path.Combine(Path.GetTempPath(), "codomyrmex-bench-node");
        var path = Path.Combine(folder, "node_modules", module);
        Directory.CreateDirectory(folder);
        var isThere = Programs.Find("node") is not null && Programs.Find("npm") is not null &&
            (File.Exists(path) || Succeeds("npm", "install", "--silent", "--no-audit", "--prefix", folder, package));
        if (isThere)
            _peers[name] = WorkerPeer.TryStart(name, 1, "node", Path.Combine(Scripts, "websocket_peer.mjs"), kind, path)!;
        else
            _missing.Add(name);
    }

    private static bool Succeeds(string program, params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true })!;
        process.OutputDataReceived += static (_, _) => { };
        process.ErrorDataReceived += static (_, _) => { };
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        process.WaitForExit();
        return process.ExitCode == 0;
    }
}
