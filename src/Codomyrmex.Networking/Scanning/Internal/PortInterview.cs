using System.Net;
using System.Net.Security;
using System.Security.Authentication;
using Codomyrmex.Networking.Scanning.Protocol;
using Codomyrmex.Networking.Transport;
using Codomyrmex.Networking.Transport.Internal;

namespace Codomyrmex.Networking.Scanning.Internal;

/// <summary>One open TCP port and the questions to it: as few connections as it takes, one after the other, within one time.</summary>
internal sealed class PortInterview(PortResult port, ServiceIdentifierOptions options)
{
    // Where TLS is what a client begins with (the registry's names that end in "s", and the usual alternates).
    private static readonly int[] TlsPorts =
        [443, 465, 563, 636, 853, 989, 990, 992, 993, 994, 995, 2083, 2087, 2096, 2376, 3269, 4443, 5061, 5223, 5671, 5986, 6443, 6697, 7443, 8443, 8444, 8883, 9443, 10250, 10443];

    // Where a server waits to be asked for a page: its greeting is not waited for.
    private static readonly int[] PagePorts = [80, 81, 591, 631, 3000, 5000, 5985, 7547, 8000, 8008, 8080, 8081, 8088, 8888, 9000, 9090, 9200];

    private static readonly int[] GreetingTlsPorts = [465, 563, 989, 990, 992, 993, 994, 995, 6697];

    private readonly TransportOptions _transport = ForIdentification(port, options.Transport);
    private ServiceFacts? _facts;
    private string? _fingerprint;
    private TlsFacts? _tls;
    private bool _hangsUp;

    public async ValueTask<ServiceInfo?> RunAsync(CancellationToken cancellationToken)
    {
        using var time = new CancellationTokenSource(options.Total, options.Clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(time.Token, cancellationToken);
        try
        {
            foreach (var probe in options.Probes)
            {
                if (await AskOwnAsync(probe, either.Token).ConfigureAwait(false) is { } known)
                    return known;
            }
            await AskAsync(either.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            // The time is up: what was learned until now is the answer.
        }
        return Told();
    }

    private async Task AskAsync(CancellationToken cancellationToken)
    {
        var isTlsPort = Array.IndexOf(TlsPorts, port.Port) >= 0;
        if (isTlsPort && (options.AskTls || options.AskServices) && await AskOverTlsAsync(cancellationToken).ConfigureAwait(false))
            return;
        if (options.AskServices)
            await AskPlainlyAsync(cancellationToken).ConfigureAwait(false);
        // A server that recognised nothing, or that said it speaks TLS.
        if (!isTlsPort && options.AskTls && _tls is null && (_facts is null or { Name: "tls" } or { HttpStatus: 400 }))
            await AskOverTlsAsync(cancellationToken).ConfigureAwait(false);
        if (_hangsUp && _facts is null && _tls is null)
            await AskAllAsync(cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Servers of binary protocols hang up on a request for a page wherever they listen: each of their questions costs little then.</summary>
    private async Task AskAllAsync(CancellationToken cancellationToken)
    {
        foreach (var probe in TcpProbes.All)
        {
            using var talk = await OpenAsync(null, cancellationToken).ConfigureAwait(false);
            if (talk is null || await AskAsync(talk, probe, cancellationToken).ConfigureAwait(false))
                return;
        }
    }

    /// <summary>What it says unasked, then the answer to the question of its port, then to a request for a page.</summary>
    private async Task AskPlainlyAsync(CancellationToken cancellationToken)
    {
        var question = TcpProbes.For(port.Port);
        using (var first = await OpenAsync(null, cancellationToken).ConfigureAwait(false))
        {
            if (first is null)
                return;
            var greets = question is null && Array.IndexOf(PagePorts, port.Port) < 0;
            if (greets && await GreetAsync(first, cancellationToken).ConfigureAwait(false))
                return;
            if (await AskAsync(first, question ?? Page, cancellationToken).ConfigureAwait(false) || question is null)
                return;
        }
        // Another server at this port than the registry's: it may greet, or know a request for a page.
        using var second = await OpenAsync(null, cancellationToken).ConfigureAwait(false);
        if (second is not null && !await GreetAsync(second, cancellationToken).ConfigureAwait(false))
            await AskAsync(second, Page, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>The same within TLS. True where the port speaks it.</summary>
    private async Task<bool> AskOverTlsAsync(CancellationToken cancellationToken)
    {
        // Servers that greet do so at ports of their own, and some refuse whoever offers the protocols of the web.
        var greets = Array.IndexOf(GreetingTlsPorts, port.Port) >= 0;
        using var connection = await OpenAsync(greets ? [] : [SslApplicationProtocol.Http2, SslApplicationProtocol.Http11], cancellationToken).ConfigureAwait(false);
        if (connection is null)
            return false;
        // What was said in the clear was about TLS.
        if (_facts is { Name: "tls" or "http" })
            _facts = null;
        if (!options.AskServices || (greets && await GreetAsync(connection, cancellationToken).ConfigureAwait(false)))
            return true;
        // Nobody who agreed on HTTP/2 answers a request of HTTP/1.1.
        using var other = _tls?.ApplicationProtocol == "h2" ? await OpenAsync([SslApplicationProtocol.Http11], cancellationToken).ConfigureAwait(false) : null;
        await AskAsync(other ?? connection, TcpProbes.For(port.Port) ?? Page, cancellationToken).ConfigureAwait(false);
        return true;
    }

    private TcpProbe Page => new("http", [], HttpPage.Request(HostField()), HttpPage.Read);

    /// <summary>Listens for a greeting. True where there was one, known or not.</summary>
    private async Task<bool> GreetAsync(ServerTalk talk, CancellationToken cancellationToken)
    {
        await talk.ReceiveAsync(bytes => Greeting.Read(bytes, port.Port) is { WantsMore: false } || bytes.StartsWith("220"u8), options.GreetingWait, cancellationToken).ConfigureAwait(false);
        if (talk.Received.IsEmpty)
            return false;
        _facts = Greeting.Read(talk.Received.Span, port.Port);
        if (_facts is { Name: "ssh" })
            _fingerprint = await SshHostKey.AskAsync(talk, options.AnswerWait, cancellationToken).ConfigureAwait(false);
        else if (_facts is null && talk.Received.Span.StartsWith("220"u8))
            await AskWhetherMailAsync(talk, cancellationToken).ConfigureAwait(false);
        _facts ??= new ServiceFacts("unknown") { Banner = WireText.Of(talk.Received.Span) };
        if (options.AskTls && _tls is null && StartTls.For(_facts.Name) is { } question)
            await StartTlsAsync(talk, question, cancellationToken).ConfigureAwait(false);
        return true;
    }

    /// <summary>Mail or files: only an answer tells (RFC 5321, section 4.1.1.1).</summary>
    private async Task AskWhetherMailAsync(ServerTalk talk, CancellationToken cancellationToken)
    {
        var line = WireText.Of(WireText.Line(talk.Received.Span));
        talk.Forget();
        await talk.AskAsync(StartTls.Hello, StartTls.IsReply, options.AnswerWait, cancellationToken).ConfigureAwait(false);
        if (!talk.Received.IsEmpty)
            _facts = new ServiceFacts(talk.Received.Span.StartsWith("250"u8) ? "smtp" : "ftp") { Banner = line };
    }

    private async Task<bool> AskAsync(ServerTalk talk, TcpProbe probe, CancellationToken cancellationToken)
    {
        await talk.AskAsync(probe.Question, bytes => Recognise(probe, bytes) is { WantsMore: false }, options.AnswerWait, cancellationToken).ConfigureAwait(false);
        var answer = talk.Received;
        _hangsUp |= talk.IsRefused;
        if (answer.IsEmpty)
            return false;
        var facts = Recognise(probe, answer.Span);
        if (facts is { Name: "ssh" })
            _fingerprint ??= await SshHostKey.AskAsync(talk, options.AnswerWait, cancellationToken).ConfigureAwait(false);
        _facts = facts ?? _facts ?? new ServiceFacts("unknown") { Banner = WireText.Of(answer.Span) };
        if (facts is { StartsTls: true } && options.AskTls && _tls is null)
            await UpgradeAsync(talk, cancellationToken).ConfigureAwait(false);
        return facts is not null;
    }

    private ServiceFacts? Recognise(TcpProbe probe, ReadOnlySpan<byte> answer) =>
        answer.SequenceEqual(probe.Question) ? new ServiceFacts("echo") : probe.Read(answer) ?? Greeting.Read(answer, port.Port) ?? TcpProbes.ReadRefusal(answer);

    private async Task StartTlsAsync(ServerTalk talk, StartTls question, CancellationToken cancellationToken)
    {
        foreach (var line in question.Lines)
        {
            talk.Forget();
            await talk.AskAsync(line, StartTls.IsReply, options.AnswerWait, cancellationToken).ConfigureAwait(false);
        }
        if (talk.Received.Span.StartsWith(question.Yes))
            await UpgradeAsync(talk, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>TLS on a connection that has begun in the clear and that the server waits for now.</summary>
    private async Task UpgradeAsync(ServerTalk talk, CancellationToken cancellationToken)
    {
        using var time = new CancellationTokenSource(options.AnswerWait, options.Clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(time.Token, cancellationToken);
        try
        {
            var tls = await TlsConnector.ConnectAsync(talk.Lowest, _transport.Tls, Name, [], either.Token).ConfigureAwait(false);
            await tls.DisposeAsync().ConfigureAwait(false);
        }
        catch (Exception error) when (error is NetworkException || (error is OperationCanceledException && !cancellationToken.IsCancellationRequested))
        {
            // A handshake that fails may still have shown a certificate.
        }
        _tls = talk.Lowest.Trace.TlsFacts;
    }

    private async Task<ServiceInfo?> AskOwnAsync(ServiceProbe probe, CancellationToken cancellationToken)
    {
        using var connection = await OpenAsync(null, cancellationToken).ConfigureAwait(false);
        if (connection is null)
            return null;
        try
        {
            return await probe(port, connection.Stream, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception error) when (error is NetworkException or IOException or FormatException)
        {
            return null;
        }
    }

    /// <summary>A connection to the very address that was scanned; null where there is none to be had.</summary>
    /// <param name="protocols">The protocols to offer in a TLS handshake; null for no TLS.</param>
    /// <param name="cancellationToken">Cancels it.</param>
    private async Task<ServerTalk?> OpenAsync(SslApplicationProtocol[]? protocols, CancellationToken cancellationToken)
    {
        var trace = new DialTrace(new Endpoint(Name, port.Port), options.Clock);
        var timeouts = Timeouts.Default with { Connect = options.AnswerWait, Tls = options.AnswerWait, Resolve = options.AnswerWait };
        var dialer = new Dialer(_transport, options.Clock);
        try
        {
            var target = new DialTarget(trace.Endpoint, null, protocols is not null, protocols ?? []);
            var stream = await dialer.DialAsync(target, timeouts, trace, cancellationToken).ConfigureAwait(false);
            _tls ??= trace.TlsFacts;
            return new ServerTalk(stream, trace.Stream!, options.MaxAnswerBytes, options.Clock);
        }
        catch (NetworkException error) when (error is not PolicyException)
        {
            // A handshake that fails may still have shown a certificate.
            if (trace.TlsFacts is { Chain.Count: > 0 } facts)
                _tls ??= facts;
            return null;
        }
    }

    private ServiceInfo? Told()
    {
        if (_facts is null && _tls is null)
            return null;
        return new ServiceInfo
        {
            Name = _facts?.Name ?? "tls",
            Product = _facts?.Product,
            Version = _facts?.Version,
            Banner = _facts?.Banner,
            Tls = _tls,
            SshHostKeyFingerprint = _fingerprint,
            HttpStatus = _facts?.HttpStatus,
            HttpTitle = _facts?.HttpTitle,
            HttpServer = _facts?.HttpServer,
        };
    }

    // The host as the caller wrote it, in the one spelling that is checked and connected to.
    private string Name => field ??= HostText.Parse(port.Host) is { Problem: null, IsAddress: false } host ? host.Canonical() : port.Address.ToString();

    // The port belongs into the field where it is not that of the scheme (RFC 9110, section 7.2); a zone does not (RFC 6874, section 4).
    private string HostField()
    {
        var host = Name.Split('%')[0];
        if (port.Port is not (80 or 443))
            return new Endpoint(host, port.Port).ToString();
        return host.Contains(':', StringComparison.Ordinal) ? $"[{host}]" : host;
    }

    private static TransportOptions ForIdentification(PortResult port, TransportOptions transport)
    {
        // A name is connected to at the address that was scanned.
        var hosts = new Dictionary<string, IReadOnlyList<IPAddress>>(StringComparer.OrdinalIgnoreCase);
        if (HostText.Parse(port.Host) is { Problem: null, IsAddress: false } host)
            hosts[host.Canonical()] = [port.Address];
#pragma warning disable CA5397, SYSLIB0039, CS0618 // Old versions are spoken to say that they are spoken.
        const SslProtocols Oldest = SslProtocols.Tls | SslProtocols.Tls11;
#pragma warning restore CA5397, SYSLIB0039, CS0618
        return transport with
        {
            Resolver = transport.Resolver with { Hosts = hosts, Custom = null },
            Tls = new TlsOptions
            {
                ServerName = transport.Tls.ServerName,
                MinimumVersion = Oldest,
                AllowWeakCertificates = true,
                InsecureAcceptAnyCertificate = true,
            },
        };
    }
}
