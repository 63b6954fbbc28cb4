using System.Net;
using Codomyrmex.Networking.Cli.Rendering;
using Codomyrmex.Networking.Http;
using Codomyrmex.Networking.Resilience;
using Codomyrmex.Networking.Transport;

namespace Codomyrmex.Networking.Cli.Commands;

/// <summary>A connection taken apart: what each layer did, where time went, and what broke.</summary>
internal sealed class Explanation
{
    private const int BeforeNames = -1;

    private readonly TransportOptions _options;

    private Explanation(ExplainTarget target, TransportOptions options, ConnectionReport report, DateTimeOffset now)
    {
        Target = target;
        _options = options;
        Report = report;
        Now = now;
        Failure = report.Failure;
    }

    public ExplainTarget Target { get; }

    public ConnectionReport Report { get; }

    public HttpFacts? Http { get; private set; }

    /// <summary>What was found above the connection, where that is not HTTP; null where nothing was asked.</summary>
    public ExplainFindings? Found { get; private set; }

    /// <summary>What to try though nothing broke.</summary>
    public IReadOnlyList<string> Advice => [.. CertificateAdvice(), .. Found?.Advice ?? []];

    public NetworkException? Failure { get; private set; }

    /// <summary>The time to judge certificates by.</summary>
    public DateTimeOffset Now { get; }

    public TimeSpan Total => Layers.Aggregate(TimeSpan.Zero, static (sum, layer) => sum + (layer.Elapsed ?? TimeSpan.Zero));

    public IReadOnlyList<Layer> Layers => field ??= MakeLayers();

    public static async Task<Explanation> MakeAsync(Invocation run)
    {
        var target = ExplainTarget.Parse(run.Arguments.Positionals[0], run.Arguments.Has(ExplainCommand.Tls));
        await using var way = ExplainWay.Read(run);
        return await MakeAsync(new ExplainQuestion(target, ExplainWay.Settings(run, way.Transport), run.Context.Clock, run.Context.Interrupted));
    }

    public static async Task<Explanation> MakeAsync(ExplainQuestion question)
    {
        question = question with { Shell = question.Shell with { Timeouts = Within(question.Timeouts) } };
        var target = question.Target;
        if (target.Scheme == ExplainScheme.Dns)
        {
            var asked = new Explanation(target, question.Transport, new ConnectionReport { Endpoint = target.Endpoint }, question.Clock.GetUtcNow());
            asked.Take(await ExplainSockets.NameServerAsync(question));
            return asked;
        }
        var report = await ConnectionProbe.RunAsync(target.Endpoint, target.UsesTls, question.Transport, question.Timeouts, question.Cancelled);
        var explanation = new Explanation(target, question.Transport, report, question.Clock.GetUtcNow());
        if (report.Failure is not null)
            return explanation;
        switch (target.Scheme)
        {
            case ExplainScheme.Http:
                await explanation.AskAsync(question.Timeouts, question.Cancelled);
                break;
            case ExplainScheme.WebSocket:
                explanation.Take(await ExplainSockets.WebSocketAsync(question));
                break;
            case ExplainScheme.Tcp:
                explanation.Take(await ExplainSockets.GreetingAsync(question));
                break;
            case ExplainScheme.Ssh or ExplainScheme.Sftp:
                explanation.Take(await ExplainShell.AskAsync(question));
                break;
        }
        return explanation;
    }

    private void Take(ExplainFindings found) => (Found, Failure) = (found, found.Failure);

    private bool NeedsName => _options.Proxy is not null || !IPAddress.TryParse(Target.Endpoint.Host.Trim('[', ']'), out _);

    private static Timeouts Within(Timeouts timeouts) => timeouts with
    {
        Resolve = Least(timeouts.Resolve, timeouts.Total),
        Connect = Least(timeouts.Connect, timeouts.Total),
        Tls = Least(timeouts.Tls, timeouts.Total),
    };

    private static TimeSpan Least(TimeSpan one, TimeSpan other) => one < other ? one : other;

    private async Task AskAsync(Timeouts timeouts, CancellationToken cancellationToken)
    {
        var settings = new HTTPClientOptions
        {
            UserAgent = "codonet/" + Release.Version,
            Transport = _options,
            Timeouts = timeouts,
            Retry = RetryOptions.None,
            Redirects = RedirectOptions.None,
        };
        await using var client = new HTTPClient(settings);
        try
        {
            using var response = await client.StreamAsync(Target.Url!.AbsoluteUri, null, cancellationToken);
            var timings = response.Timings;
            var connecting = (timings.Resolve ?? default) + (timings.Connect ?? default) + (timings.Proxy ?? default) + (timings.Tls ?? default);
            Http = new HttpFacts(response.Status, response.Reason, HttpDocument.VersionText(response.Version), response.Headers["Location"],
                timings.FirstByte > connecting ? timings.FirstByte - connecting : timings.FirstByte);
        }
        catch (NetworkException error)
        {
            Failure = error;
        }
    }

    private IReadOnlyList<Layer> MakeLayers()
    {
        if (Target.Scheme == ExplainScheme.Dns)
            return Found!.Layers;
        var broken = Failure is null ? int.MaxValue : Rank(Failure);
        var usesProxy = _options.Proxy is not null;
        var layers = new List<Layer> { Make(0, "dns", broken, Report.Resolve, NeedsName, DnsNotes()) };
        if (_options.Policy.IsRestrictive || Failure is PolicyException)
        {
            var notes = new[] { Failure is PolicyException { Rule: { } rule } ? rule : _options.Policy.ToString() };
            // A name or address that is denied as it was written is never looked up.
            layers.Insert(broken == BeforeNames ? 0 : 1, Make(broken == BeforeNames ? BeforeNames : 1, "policy", broken, null, true, notes));
        }
        if (_options.DialOver is not null)
            return [.. layers.Where(static layer => layer.Name == "policy"), .. Beneath(), .. Above(broken)];
        layers.Add(Make(2, "connect", broken, Report.Connect, true, [.. Report.Attempts.Select(Tried)]));
        layers.Add(Make(3, "proxy", broken, Report.Proxy, usesProxy, usesProxy ? [_options.Proxy!.ToString()] : ["none"]));
        return [.. layers, .. Above(broken)];
    }

    /// <summary>What lies on the connection: TLS, and what is spoken there.</summary>
    private IEnumerable<Layer> Above(int broken)
    {
        if (Target.Scheme is not (ExplainScheme.Ssh or ExplainScheme.Sftp))
            yield return Make(4, "tls", broken, Report.Tls, Target.UsesTls, Target.UsesTls ? TlsNotes() : ["not spoken"]);
        if (Target.Scheme == ExplainScheme.Http)
            yield return Make(5, "http", broken, Http?.Elapsed, true, HttpNotes());
        else if (Found is not null)
        {
            foreach (var layer in Found.Layers)
                yield return layer;
        }
        else if (Target.Scheme != ExplainScheme.Bare)
            yield return new Layer(Target.Scheme switch { ExplainScheme.WebSocket => "websocket", ExplainScheme.Tcp => "banner", _ => "ssh" }, Layer.NotReached, null, []);
    }

    /// <summary>What a connection through jumps lies on, and where the way there broke.</summary>
    private IEnumerable<Layer> Beneath()
    {
        foreach (var made in Report.Layers.Where(static layer => !layer.Name.StartsWith("tls ", StringComparison.Ordinal)))
            yield return new Layer(KindOf(made.Name), Layer.Ok, made.Elapsed, [made.Name[Math.Min(made.Name.Length, KindOf(made.Name).Length + 1)..]]);
        if (Report.Failure is not { Layers.Count: > 1 } failure)
            yield break;
        foreach (var (i, name) in failure.Layers.Skip(1).Reverse().Index())
            yield return new Layer(KindOf(name), i == 0 ? Layer.Failed : Layer.NotReached, null, [name[Math.Min(name.Length, KindOf(name).Length + 1)..]]);
    }

    private static string KindOf(string layer) => layer.IndexOf(' ', StringComparison.Ordinal) is > 0 and var space ? layer[..space] : "way";

    private IEnumerable<string> CertificateAdvice()
    {
        if (Failure is null && Report.TlsFacts is { Chain: [var own, ..] } && own.NotAfter - Now < TimeSpan.FromDays(14))
            yield return $"The certificate ends on {own.NotAfter:yyyy-MM-dd}: renew it.";
    }

    private static string Tried(Attempt attempt) => $"{attempt.Address} {attempt.Code ?? "connected"} in {Milliseconds.Text(attempt.Elapsed)}";

    private static Layer Make(int rank, string name, int broken, TimeSpan? elapsed, bool isUsed, IReadOnlyList<string> notes)
    {
        if (!isUsed)
            return new Layer(name, Layer.Skipped, null, notes);
        return rank == broken ? new Layer(name, Layer.Failed, elapsed, notes)
            : rank > broken ? new Layer(name, Layer.NotReached, null, [])
            : new Layer(name, Layer.Ok, elapsed, notes);
    }

    /// <summary>The layer that a failure belongs to.</summary>
    private int Rank(NetworkException failure) => failure.Phase switch
    {
        _ when failure is PolicyException => Report.Resolved.Count > 0 ? 1 : BeforeNames,
        _ when failure is DNSResolutionException => 0,
        _ when failure is ProxyException => 3,
        _ when failure is SSLException => 4,
        NetworkPhase.Resolve => 0,
        NetworkPhase.Connect => 2,
        NetworkPhase.Proxy => 3,
        NetworkPhase.Tls => 4,
        _ => Report.Failure is null ? 5 : _options.DialOver is null ? 2 : 3,
    };

    private IReadOnlyList<string> DnsNotes()
    {
        if (!NeedsName)
            return ["an address: nothing to look up"];
        if (Report.Resolved.Count == 0)
            return [];
        var whose = _options.Proxy is { Kind: not ProxyKind.Socks5 } proxy ? $" of the proxy {proxy.Host}" : "";
        return [$"{Report.Resolved.Count} {(Report.Resolved.Count == 1 ? "address" : "addresses")}{whose}: {string.Join(", ", Report.Resolved)}"];
    }

    private IReadOnlyList<string> TlsNotes()
    {
        if (Report.TlsFacts is not { } tls)
            return [];
        var notes = new List<string>();
        if (tls.Protocol.Length > 0)
            notes.Add($"{tls.Protocol}, {tls.CipherSuite}, ALPN {tls.ApplicationProtocol ?? "none"}");
        foreach (var (i, certificate) in tls.Chain.Index())
        {
            notes.Add($"{(i == 0 ? "certificate" : "issued by")} {certificate.Subject}, {Validity(certificate)}");
            if (i == 0)
                notes.Add($"  for {string.Join(", ", certificate.Names.DefaultIfEmpty("no name"))}");
            notes.Add($"  pin sha256//{certificate.Pin}");
        }
        return notes;
    }

    private string Validity(CertificateFacts certificate)
    {
        if (certificate.NotBefore > Now)
            return $"not valid before {certificate.NotBefore:yyyy-MM-dd}";
        var days = (long)Math.Abs((certificate.NotAfter - Now).TotalDays);
        return certificate.NotAfter < Now
            ? $"EXPIRED {certificate.NotAfter:yyyy-MM-dd}, {days} days ago"
            : $"until {certificate.NotAfter:yyyy-MM-dd}, {days} days left";
    }

    private IReadOnlyList<string> HttpNotes() => Http is not { } http
        ? []
        : [$"{http.Status} {http.Reason}".TrimEnd() + $", HTTP/{http.Version}" + (http.Location is null ? "" : $", leads to {http.Location}")];
}
