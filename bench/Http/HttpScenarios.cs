using Codomyrmex.Networking.Benchmarks.Suite;
using Codomyrmex.Networking.Benchmarks.Workers;

namespace Codomyrmex.Networking.Benchmarks.Http;

/// <summary>What the suite runs: names, and who takes part in what.</summary>
internal static class HttpScenarios
{
    public const string One = "get-1k-1";
    public const string Many = "get-1k-32";
    public const string Medium = "get-100k-32";
    public const string Json = "json-100k";
    public const string Download = "download-64m";

    private static readonly string[] Small =
    [
        HttpWorks.Own, HttpWorks.OwnPolicy, HttpWorks.Lean, HttpWorks.HttpClientBytes, HttpWorks.Factory, HttpWorks.Resilience,
        HttpWorks.Refit, HttpWorks.RestSharp,
    ];

    public static IReadOnlyList<Scenario> Make(NginxServer server, PeerSet peers)
    {
        var foreign = peers.Foreign;
        IPeer[] ceiling = Programs.Find("wrk") is null ? [] : [new WrkPeer(NginxServer.SmallBytes)];
        IPeer[] curl = Programs.Find("curl") is null ? [] : [new CurlPeer()];
        return
        [
            new(One, "GET 1 KiB, one at a time", server.Small, 1, NginxServer.SmallBytes, [.. ceiling, .. peers.Own(Small), .. foreign]),
            new(Many, "GET 1 KiB, 32 at a time", server.Small, 32, NginxServer.SmallBytes, [.. ceiling, .. peers.Own(Small), .. foreign], fillsCore: true),
            new(Medium, "GET 100 KiB, 32 at a time", server.Medium, 32, NginxServer.MediumBytes,
                [.. peers.Own(HttpWorks.Own, HttpWorks.Lean, HttpWorks.HttpClientBytes)]),
            new(Json, "JSON, 100 KiB, parsed; one at a time", server.Json, 1, NginxServer.JsonItems,
                [.. peers.Own(HttpWorks.OwnJson, HttpWorks.HttpClientJson)]),
            new(Download, "Download of 64 MiB", server.Large, 1, NginxServer.LargeBytes,
                [.. curl, .. peers.Own(HttpWorks.OwnDownload256, HttpWorks.OwnDownload1024, HttpWorks.HttpClientCopy, HttpWorks.HttpClientWhole)]),
        ];
    }

    /// <summary>The share of its core that a client had which would have used all of it; NaN where it was not run.</summary>
    public static double CoreShare(IReadOnlyList<Scenario> scenarios) =>
        scenarios.Single(scenario => scenario.Name == Many).All(HttpWorks.Lean).Select(sample => sample.CoreShare).Median();

    public static IEnumerable<Goal> Goals(IReadOnlyList<Scenario> scenarios, ColdStart? coldStart)
    {
        Scenario Get(string name) => scenarios.Single(scenario => scenario.Name == name);
        var (one, many, medium) = (Get(One), Get(Many), Get(Medium));
        double Cpu(Scenario scenario, string against) => scenario.Ratio(HttpWorks.Own, against, sample => sample.CpuMicroseconds);
        double Rate(Scenario scenario, string peer, string against) => scenario.Ratio(peer, against, sample => sample.PerSecond);
        yield return new("CPU, 32 at a time: ours / HttpClient", Cpu(many, HttpWorks.HttpClientBytes), 1.00, AtMost: true);
        yield return new("CPU, 32 at a time: ours / lean", Cpu(many, HttpWorks.Lean), 1.06, AtMost: true);
        yield return new("CPU, one at a time: ours / HttpClient", Cpu(one, HttpWorks.HttpClientBytes), 1.00, AtMost: true);
        yield return new("CPU, one at a time: ours / lean", Cpu(one, HttpWorks.Lean), 1.06, AtMost: true);
        double Bytes(Scenario scenario) => scenario.Median(HttpWorks.Own, sample => sample.AllocatedPerRequest ?? double.NaN);
        yield return new("Bytes allocated a request, one at a time: ours", Bytes(one), 2_100, AtMost: true);
        yield return new("Bytes allocated a request, 32 at a time: ours", Bytes(many), 2_100, AtMost: true);
        yield return new("Requests/s, 32 at a time: ours / resilience handler", Rate(many, HttpWorks.Own, HttpWorks.Resilience), 1.5, AtMost: false, IsRate: !many.IsUndisturbed(HttpWorks.Own));
        yield return new("Requests/s, 32 at a time: ours / RestSharp", Rate(many, HttpWorks.Own, HttpWorks.RestSharp), 2.4, AtMost: false, IsRate: !many.IsUndisturbed(HttpWorks.Own));
        yield return new("100 KiB, requests/s: ours / HttpClient byte[]", Rate(medium, HttpWorks.Own, HttpWorks.HttpClientBytes), 6, AtMost: false, IsRate: true);
        yield return new("JSON, CPU: ours / GetFromJsonAsync", Get(Json).Ratio(HttpWorks.OwnJson, HttpWorks.HttpClientJson, sample => sample.CpuMicroseconds), 0.85, AtMost: true);
        yield return new("Download, MB/s: ours (256 KiB) / curl",
            Get(Download).Ratio(HttpWorks.OwnDownload256, "curl -o /dev/null", sample => sample.MegabytesPerSecond), 1.0, AtMost: false, IsRate: true);
        yield return new("Cold start: codonet get / curl", coldStart?.Ratio ?? double.NaN, 1.0, AtMost: true, IsRate: true);
    }
}
