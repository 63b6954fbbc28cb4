using Codomyrmex.Networking.Benchmarks.Suite;

namespace Codomyrmex.Networking.Benchmarks.Http;

/// <summary>Clients in other languages: small workers beside the suite, skipped where their packages are missing.</summary>
internal static class ForeignPeers
{
    private const string UndiciVersion = "7";
    private static readonly string Scripts = Path.Combine(Repository.Root, "bench", "peers");

    public static IEnumerable<WorkerPeer> Start(ICollection<string> missing)
    {
        if (Undici(missing) is { } undici)
            yield return undici;
        foreach (var library in (string[])["requests", "httpx", "aiohttp"])
        {
            if (Programs.Find("/usr/bin/python3") is { } python && Programs.Succeeds(python, "-c", $"import {library}"))
                yield return WorkerPeer.TryStart($"python {library}", 1, python, Path.Combine(Scripts, "python_peer.py"), library)!;
            else
                missing.Add($"python {library}");
        }
    }

    private static WorkerPeer? Undici(ICollection<string> missing)
    {
        // Node has undici inside, but not its request(), the fastest of its interfaces.
        if (Programs.NodeModule($"undici@{UndiciVersion}", "undici/index.js") is { } module)
            return WorkerPeer.TryStart("undici request", 1, "node", Path.Combine(Scripts, "undici_peer.mjs"), module);
        missing.Add("undici");
        return null;
    }
}
