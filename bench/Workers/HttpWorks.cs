using Codomyrmex.Networking.Http;
using Codomyrmex.Networking.Resilience;
using Codomyrmex.Networking.Security;
using Codomyrmex.Networking.Transport;

namespace Codomyrmex.Networking.Benchmarks.Workers;

/// <summary>Every .NET client of the suite, by the name of its row.</summary>
internal static class HttpWorks
{
    /// <summary>What the names of this library's rows begin with.</summary>
    public const string OwnPrefix = "HTTPClient";

    public const string Own = "HTTPClient (ours)";
    public const string OwnPolicy = "HTTPClient, public internet + loopback";
    public const string OwnJson = "HTTPClient, Json(typeInfo)";
    public const string OwnDownload256 = "HTTPClient stream, 256 KiB buffer";
    public const string OwnDownload1024 = "HTTPClient stream, 1 MiB buffer";
    public const string OwnFile = "HTTPClient DownloadAsync, hashed";
    public const string OwnFilePlain = "HTTPClient DownloadAsync, no hash";
    public const string OwnFileParallel = "HTTPClient DownloadAsync, no hash, 4 ranges";
    public const string Lean = "HttpMessageInvoker, lean";
    public const string HttpClientBytes = "HttpClient + byte[]";
    public const string Factory = "IHttpClientFactory";
    public const string Resilience = "+ standard resilience handler";
    public const string RestSharp = "RestSharp";
    public const string Refit = "Refit";
    public const string HttpClientJson = "HttpClient.GetFromJsonAsync(typeInfo)";
    public const string HttpClientCopy = "HttpClient CopyToAsync";
    public const string HttpClientWhole = "HttpClient GetByteArrayAsync";

    private static readonly EgressPolicy LoopbackToo = EgressPolicy.PublicInternetOnly.Allowing("127.0.0.0/8");

    public static IHttpWork Make(string name) => name switch
    {
        Own => new OwnWork(new HTTPClientOptions()),
        OwnPolicy => new OwnWork(new HTTPClientOptions { Transport = new TransportOptions { Policy = LoopbackToo } }),
        OwnJson => new OwnJsonWork(),
        OwnDownload256 => new OwnDownloadWork(256 * 1024),
        OwnDownload1024 => new OwnDownloadWork(1024 * 1024),
        OwnFile => new OwnFileWork(new() { Overwrite = true }),
        OwnFilePlain => new OwnFileWork(new() { Overwrite = true, ComputeSha256 = false }),
        OwnFileParallel => new OwnFileWork(new() { Overwrite = true, ComputeSha256 = false, Parallel = 4 }),
        Lean => new LeanWork(),
        HttpClientBytes => new HttpClientWork(new HttpClient()),
        Factory => new FactoryWork(withResilience: false),
        Resilience => new FactoryWork(withResilience: true),
        RestSharp => new RestSharpWork(),
        Refit => new RefitWork(),
        HttpClientJson => new HttpClientJsonWork(),
        HttpClientCopy => new HttpClientCopyWork(),
        HttpClientWhole => new HttpClientWholeWork(),
        "ours without retry" => new OwnWork(new HTTPClientOptions { Retry = RetryOptions.None }),
        "ours without fields" => new OwnWork(new HTTPClientOptions { UserAgent = null, Decompress = false }),
        "ours without timeouts" => new OwnWork(new HTTPClientOptions { Timeouts = NoTimeouts }),
        _ => throw new ArgumentException($"There is no worker '{name}'.", nameof(name)),
    };

    private static Timeouts NoTimeouts => new()
    {
        Resolve = Timeout.InfiniteTimeSpan,
        Connect = Timeout.InfiniteTimeSpan,
        Tls = Timeout.InfiniteTimeSpan,
        FirstByte = Timeout.InfiniteTimeSpan,
        Idle = Timeout.InfiniteTimeSpan,
        Total = Timeout.InfiniteTimeSpan,
    };
}
