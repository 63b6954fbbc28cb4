using System.Net;
using System.Text;
using Codomyrmex.Networking.Transport.Internal;
using Codomyrmex.Networking.Transport.Protocol;

namespace Codomyrmex.Networking.Transport;

/// <summary>
/// Asks DNS servers directly, for addresses or for records of any type, over UDP and then TCP where the answer is truncated (RFC 1035,
/// RFC 7766). Up to three tries a server (after 1 and 3 seconds; given up after 5), two where there are several servers, which are asked
/// in their order. The machine's hosts file and search list play no part, and nothing is cached here. Safe to share between threads.
/// </summary>
public sealed class DnsServerResolver : IResolver
{
    private readonly IPFamilies _families;
    private readonly TimeProvider _clock;

    /// <summary>A resolver that asks one server.</summary>
    /// <param name="server">The server's address and port, usually 53.</param>
    /// <param name="clock">The clock for waiting; <see cref="TimeProvider.System"/> by default.</param>
    /// <exception cref="ArgumentException">The server has no port.</exception>
    public DnsServerResolver(IPEndPoint server, TimeProvider? clock = null)
        : this([server ?? throw new ArgumentNullException(nameof(server))], IPFamilies.Both, clock ?? TimeProvider.System)
    {
    }

    internal DnsServerResolver(IReadOnlyList<IPEndPoint> servers, IPFamilies families, TimeProvider clock)
    {
        if (servers.Any(static server => server.Port == 0))
            throw new ArgumentException("A DNS server needs a port from 1 to 65535; 53 is the usual one.", "server");
        Servers = servers;
        _families = families;
        _clock = clock;
    }

    /// <summary>The servers asked, in their order.</summary>
    public IReadOnlyList<IPEndPoint> Servers { get; }

    /// <summary>
    /// A resolver that asks the servers the system is configured with: those of <c>resolv.conf</c>, on Windows those of the network
    /// interfaces that are up; the local machine where none is configured. Read once, when this is called.
    /// </summary>
    /// <param name="clock">The clock for waiting; <see cref="TimeProvider.System"/> by default.</param>
    public static DnsServerResolver System(TimeProvider? clock = null) =>
        new(SystemDnsServers.Read(), IPFamilies.Both, clock ?? TimeProvider.System);

    /// <summary>Asks for the records of one type.</summary>
    /// <param name="name">
    /// The name, internationalised or in presentation form (RFC 1035, section 5.1). For <see cref="DnsRecordType.PTR"/> an IP address
    /// stands for its reverse name.
    /// </param>
    /// <param name="type">The type.</param>
    /// <param name="cancellationToken">Cancels the look-up.</param>
    /// <returns>The answer, with at least one record of the type.</returns>
    /// <exception cref="DNSResolutionException">
    /// <c>dns.not_found</c>: the name is not valid, does not exist or has no record of the type. <c>dns.server_failure</c>: no server could
    /// be reached or gave a usable answer. <c>dns.timeout</c>: no server answered.
    /// </exception>
    /// <exception cref="ConnectionException"><c>local.descriptors</c>: the process has no file descriptor left for a socket.</exception>
    /// <exception cref="ArgumentException">The name is empty, or the type is none that a record can have (RFC 6895, section 3.1).</exception>
    public async Task<DnsAnswer> QueryAsync(string name, DnsRecordType type, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        // Zone transfers, ANY and the pseudo-records of EDNS are no records of a name.
        if ((int)type is <= 0 or 41 or (>= 128 and <= 255) or >= ushort.MaxValue)
            throw new ArgumentOutOfRangeException(nameof(type), type, "No record has this type.");
        var asked = type == DnsRecordType.PTR && HostText.ParseStrict(name) is { IsAddress: true } host ? DnsName.ReverseOf(host.Address.ToAddress()) : name;
        return (await AskAsync(asked, type, cancellationToken).ConfigureAwait(false)).Answer;
    }

    /// <inheritdoc/>
    /// <remarks>IPv4 and IPv6 addresses are asked for at the same time; where one family fails, the other's addresses are the answer.</remarks>
    public async ValueTask<ResolvedAddresses> ResolveAsync(string host, CancellationToken cancellationToken)
    {
        ArgumentException.ThrowIfNullOrEmpty(host);
        var (name, literal) = Read(host);
        if (literal is not null)
            return new ResolvedAddresses([literal]);
        if (_families != IPFamilies.Both)
        {
            var type = _families == IPFamilies.IPv4 ? DnsRecordType.A : DnsRecordType.AAAA;
            var (answer, timeToLive) = await AskAsync(name, type, cancellationToken).ConfigureAwait(false);
            return new ResolvedAddresses(AddressesOf(answer), timeToLive);
        }
        return await new DualLookup(AskForAddressesAsync, _clock).RunAsync(name, cancellationToken).ConfigureAwait(false);
    }

    private static (string Name, IPAddress? Literal) Read(string host)
    {
        var text = HostText.ParseStrict(host);
        if (text.Problem is { } problem)
            throw Invalid(host, problem);
        return (text.Canonical(), text.IsAddress ? text.ToAddress() : null);
    }

    private async Task<ResolvedAddresses> AskForAddressesAsync(string name, DnsRecordType type, CancellationToken cancellationToken)
    {
        var (answer, timeToLive) = await AskAsync(name, type, cancellationToken).ConfigureAwait(false);
        return new ResolvedAddresses(AddressesOf(answer), timeToLive);
    }

    private static IPAddress[] AddressesOf(DnsAnswer answer) =>
        [.. answer.Records.Where(record => record.Type == answer.Type).Select(static record => record.Address!)];

    private async Task<(DnsAnswer Answer, TimeSpan TimeToLive)> AskAsync(string name, DnsRecordType type, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        var wire = ToWire(name);
        var canonical = new DnsReader(wire).ReadName();
        var start = _clock.GetTimestamp();
        var attempts = new List<Attempt>();
        DnsReply? worst = null;
        var what = "";
        foreach (var server in Servers)
        {
            var began = _clock.GetTimestamp();
            var reply = await DnsExchange.AskAsync(server, wire, type, Servers.Count == 1 ? 3 : 2, _clock, cancellationToken).ConfigureAwait(false);
            if (reply.Response is { } response)
            {
                var found = response.Find(canonical, type, out var timeToLive);
                if (response.Code == DnsResponse.NoError && found.Count > 0)
                {
                    var answer = new DnsAnswer(
                        canonical, type, found, server, _clock.GetElapsedTime(start), reply.OverTcp, response.IsAuthoritative)
                    { IsValidated = response.IsValidated };
                    return (answer, timeToLive);
                }
                reply = Refusal(response, type);
            }
            attempts.Add(new Attempt(server.ToString(), _clock.GetElapsedTime(began), reply.Code));
            // A failure says more than silence, and that the name does not exist is an answer that no other server is asked for again.
            if (worst is null || worst.Code == ErrorCodes.DnsTimeout || reply.Code == ErrorCodes.DnsNotFound)
                (worst, what) = (reply, $"{server} {reply.What}");
            if (reply.Code == ErrorCodes.DnsNotFound)
                break;
        }
        throw new NetworkFailure
        {
            Code = worst!.Code,
            Message = $"Cannot resolve '{canonical}': {what}.",
            Phase = NetworkPhase.Resolve,
            Endpoint = new Endpoint(canonical, 0),
            Elapsed = _clock.GetElapsedTime(start),
            Attempts = attempts,
        }.ToException(worst.Cause);
    }

    private static DnsReply Refusal(DnsResponse response, DnsRecordType type) => response.Code switch
    {
        DnsResponse.NoError => DnsReply.Failed(ErrorCodes.DnsNotFound, $"says that the name has no {type} record"),
        DnsResponse.NameError => DnsReply.Failed(ErrorCodes.DnsNotFound, "says that there is no such name"),
        var code => DnsReply.Failed(ErrorCodes.DnsServerFailure, $"answered {DnsResponse.Describe(code)}"),
    };

    private static byte[] ToWire(string name)
    {
        var problem = "";
        var ascii = Ascii.IsValid(name) ? name : IdnText.ToAscii(name, out problem) ?? throw Invalid(name, problem);
        Span<byte> wire = stackalloc byte[DnsName.MaxWire];
        return DnsName.TryWrite(ascii, wire, out var length) is { } wrong ? throw Invalid(name, wrong) : wire[..length].ToArray();
    }

    private static NetworkException Invalid(string name, string problem) => new NetworkFailure
    {
        Code = ErrorCodes.DnsNotFound,
        Message = $"Cannot resolve '{Printable.Text(name)}': it {problem}.",
        Phase = NetworkPhase.Resolve,
    }.ToException();
}
