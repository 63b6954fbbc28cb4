using System.Buffers.Text;
using System.Globalization;
using System.Net;
using Codomyrmex.Networking.Transport;
using Codomyrmex.Networking.Transport.Internal;

namespace Codomyrmex.Networking.Http;

/// <summary>
/// Asks a DNS server over HTTPS (RFC 8484), by a client of its own. Give it to <see cref="ResolverOptions.Custom"/>; answers are cached
/// there for as long as they live. Safe to share between threads and clients; dispose of it after them.
/// </summary>
/// <remarks>It is a client of HTTP, and so lives above the transport that it serves: the transport knows it as an <see cref="IResolver"/> only.</remarks>
public sealed class DnsHttpsResolver : IResolver, IAsyncDisposable, IDisposable
{
    private const string MediaType = "application/dns-message";

    private readonly DnsHttpsOptions _options;
    private readonly HTTPClient _client;
    private readonly DualLookup _both;

    /// <summary>Makes a resolver; nothing is sent yet.</summary>
    /// <param name="options">The server and how to ask it.</param>
    /// <exception cref="ArgumentException">A setting is wrong; its name is in the message.</exception>
    public DnsHttpsResolver(DnsHttpsOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        options.Validate();
        _options = options;
        _both = new DualLookup(AskAsync, options.Clock);
        var hosts = new Dictionary<string, IReadOnlyList<IPAddress>>(StringComparer.OrdinalIgnoreCase);
        if (options.Bootstrap.Count > 0 && !HostText.ParseStrict(options.Endpoint.Host).IsAddress)
            hosts[options.Endpoint.Host] = options.Bootstrap;
        _client = new HTTPClient(new HTTPClientOptions
        {
            Headers = new HeaderMap { ["Accept"] = MediaType },
            // Cookies, caches and redirects would tie questions together or lead them elsewhere (RFC 8484, section 8).
            Redirects = RedirectOptions.Default with { Limit = 0 },
            UserAgent = null,
            Decompress = false,
            Timeouts = Timeouts.Default with { Total = options.Timeout },
            Limits = ResponseLimits.Default with { BufferedBytes = ushort.MaxValue },
            Transport = options.Transport with { Resolver = new ResolverOptions { Hosts = hosts, Custom = new NoResolver(options.Endpoint.Host) } },
            Clock = options.Clock,
        });
    }

    /// <inheritdoc/>
    /// <exception cref="PolicyException">The policy of <see cref="DnsHttpsOptions.Transport"/> denies the server.</exception>
    public async ValueTask<ResolvedAddresses> ResolveAsync(string host, CancellationToken cancellationToken)
    {
        ArgumentException.ThrowIfNullOrEmpty(host);
        var text = HostText.ParseStrict(host);
        if (text.Problem is { } problem)
            throw Failure(ErrorCodes.DnsNotFound, Printable.Text(host), $"it {problem}", null);
        if (text.IsAddress)
            return new ResolvedAddresses([text.ToAddress()]);
        return _options.Families switch
        {
            IPFamilies.IPv4 => await AskAsync(text.Canonical(), DnsRecordType.A, cancellationToken).ConfigureAwait(false),
            IPFamilies.IPv6 => await AskAsync(text.Canonical(), DnsRecordType.AAAA, cancellationToken).ConfigureAwait(false),
            _ => await _both.RunAsync(text.Canonical(), cancellationToken).ConfigureAwait(false),
        };
    }

    /// <summary>Closes the connections to the server.</summary>
    public void Dispose() => _client.Dispose();

    /// <inheritdoc cref="Dispose"/>
    public ValueTask DisposeAsync() => _client.DisposeAsync();

    private async Task<ResolvedAddresses> AskAsync(string name, DnsRecordType type, CancellationToken cancellationToken)
    {
        var query = DnsPacket.Question(name, type);
        try
        {
            using var response = await SendAsync(query, cancellationToken).ConfigureAwait(false);
            return Read(response, name, type, query);
        }
        catch (NetworkTimeoutException error)
        {
            throw Failure(ErrorCodes.DnsTimeout, name, $"{_options.Endpoint} did not answer: {error.Message}", error);
        }
        catch (NetworkException error) when (error is not (PolicyException or DNSResolutionException))
        {
            throw Failure(ErrorCodes.DnsServerFailure, name, $"{_options.Endpoint} could not be asked: {error.Message}", error);
        }
    }

    private Task<Response> SendAsync(byte[] query, CancellationToken cancellationToken)
    {
        if (_options.UseGet)
            return _client.GetAsync($"{_options.Url}?dns={Base64Url.EncodeToString(query)}", cancellationToken: cancellationToken);
        // A question changes nothing, whatever the method's name.
        var options = new RequestOptions { Retry = _client.Options.Retry with { RepeatUnsafeMethods = true } };
        return _client.PostAsync(_options.Url, RequestBody.Bytes(query, MediaType), options, cancellationToken);
    }

    private ResolvedAddresses Read(Response response, string name, DnsRecordType type, byte[] query)
    {
        if (response.Status != 200)
            throw Failure(ErrorCodes.DnsServerFailure, name, $"{_options.Endpoint} answered with status {response.Status}", null);
        if (response.ContentType != MediaType)
            throw Failure(ErrorCodes.DnsServerFailure, name, $"{_options.Endpoint} answered with {Printable.Text(response.ContentType ?? "no media type")}, not {MediaType}", null);
        var found = DnsPacket.Addresses(response.Content.Span, query, name, type, _options.Endpoint.ToString());
        // RFC 8484, section 5.1: a cache on the way has kept it for so long already.
        var age = long.TryParse(response.Headers["Age"], NumberStyles.None, CultureInfo.InvariantCulture, out var seconds) ? Math.Min(seconds, int.MaxValue) : 0;
        var left = found.TimeToLive - TimeSpan.FromSeconds(age);
        return found with { TimeToLive = left > TimeSpan.Zero ? left : TimeSpan.Zero };
    }

    private static NetworkException Failure(string code, string name, string why, Exception? cause) =>
        DnsPacket.Failure(code, name, why).ToException(cause);

    /// <summary>What the server's own client asks for names: nobody, or its questions would be its own.</summary>
    private sealed class NoResolver(string server) : IResolver
    {
        public ValueTask<ResolvedAddresses> ResolveAsync(string host, CancellationToken cancellationToken) =>
            throw Failure(ErrorCodes.DnsServerFailure, host, $"only the addresses given for {server} are known (DnsHttpsOptions.Bootstrap)", null);
    }
}
