using System.Net;
using System.Net.Sockets;
using Codomyrmex.Networking.Transport;
using Codomyrmex.Networking.Transport.Internal;
using Microsoft.Extensions.Time.Testing;
using static Codomyrmex.Networking.Tests.Unit.Transport.DnsTestMessage;

namespace Codomyrmex.Networking.Tests.Unit.Transport;

public class DnsServerResolverTests
{
    // Time stands still: nothing times out unless a test lets time pass.
    private readonly FakeTimeProvider _clock = new();

    private static CancellationToken None => CancellationToken.None;

    private DnsServerResolver For(DnsTestServer server, IPFamilies families = IPFamilies.Both) => new([server.EndPoint], families, _clock);

    private static DnsTestServer Server(Func<byte[], IEnumerable<byte[]>> replies) => new((query, _) => replies(query));

    private static Task<DNSResolutionException> Fails(Func<Task> call) => Assert.ThrowsAsync<DNSResolutionException>(call);

    [Fact]
    public async Task An_answer_names_its_records_and_its_server()
    {
        await using var server = Server(query => [Reply(query, records: [Record(null, DnsRecordType.MX, 60, [0, 10, 4, (byte)'m', (byte)'a', (byte)'i', (byte)'l', 0xC0, 12])])]);
        var answer = await For(server).QueryAsync("Example.TEST.", DnsRecordType.MX, None);
        Assert.Equal("Example.TEST", answer.Name);
        Assert.Equal(server.EndPoint, answer.Server);
        Assert.False(answer.OverTcp);
        Assert.Equal(new DnsRecord("Example.TEST", DnsRecordType.MX, TimeSpan.FromMinutes(1), "10 mail.Example.TEST"), Assert.Single(answer.Records));
    }

    [Fact]
    public async Task Addresses_of_both_families_are_asked_for_and_the_shortest_time_to_live_counts()
    {
        await using var server = Server(query => TypeOf(query) == DnsRecordType.A
            ? [Reply(query, records: [Address(null, 60, "192.0.2.1"), Address(null, 50, "192.0.2.2")])]
            : [Reply(query, records: [Address(null, 40, "2001:db8::1")])]);
        var both = await For(server).ResolveAsync("a.test", None);
        Assert.Equal("2001:db8::1 192.0.2.1 192.0.2.2", string.Join(' ', both.Addresses));
        Assert.Equal(TimeSpan.FromSeconds(40), both.TimeToLive);
        Assert.Equal("192.0.2.1 192.0.2.2", string.Join(' ', (await For(server, IPFamilies.IPv4).ResolveAsync("a.test", None)).Addresses));
        Assert.Equal("2001:db8::1", string.Join(' ', (await For(server, IPFamilies.IPv6).ResolveAsync("a.test", None)).Addresses));
    }

    [Fact]
    public async Task Every_query_has_an_id_and_a_port_of_its_own()
    {
        await using var server = Server(query => [Reply(query, records: [Address(null, 1, "192.0.2.1")])]);
        var resolver = For(server);
        var seen = new HashSet<(int, int)>();
        for (var i = 0; i < 8; i++)
        {
            await resolver.QueryAsync("a.test", DnsRecordType.A, None);
            var (query, _, from) = await server.Received.ReadAsync();
            seen.Add(((query[0] << 8) | query[1], from.Port));
        }
        Assert.True(seen.Select(one => one.Item1).Distinct().Count() > 4);
        Assert.True(seen.Select(one => one.Item2).Distinct().Count() > 4);
    }

    [Fact]
    public async Task Replies_with_a_wrong_id_question_or_shape_are_passed_over()
    {
        await using var server = Server(query =>
        {
            var right = Reply(query, records: [Address(null, 60, "192.0.2.1")]);
            var forged = Reply(query, records: [Address(null, 60, "203.0.113.66")]);
            byte[] Change(int at, byte by)
            {
                var changed = forged.ToArray();
                changed[at] ^= by;
                return changed;
            }
            return
            [
                Change(0, 1), Change(1, 0x80), // id
                Change(2, 0x80), // a query, not a reply
                Change(2, 0x08), // another opcode
                Change(13, 0x01), // another name
                Change(12 + "a.test".Length + 3, 0x20), // another type
                Change(5, 3), // two questions
                [], [1], forged[..11], forged[..14],
                right,
            ];
        });
        var answer = await For(server).QueryAsync("a.test", DnsRecordType.A, None);
        Assert.Equal("192.0.2.1", Assert.Single(answer.Records).Data);
        Assert.Single(await Task.WhenAll(server.Received.ReadAsync().AsTask()));
    }

    [Fact]
    public async Task Replies_from_another_address_are_dropped()
    {
        using var stranger = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
        await using var server = Server(static _ => []);
        var asking = For(server).QueryAsync("a.test", DnsRecordType.A, None);
        var (query, _, from) = await server.Received.ReadAsync();
        await stranger.SendToAsync(Reply(query, records: [Address(null, 60, "203.0.113.66")]), from);
        _clock.Advance(TimeSpan.FromSeconds(1));
        await server.Received.ReadAsync();
        _clock.Advance(TimeSpan.FromSeconds(2));
        await server.Received.ReadAsync();
        _clock.Advance(TimeSpan.FromSeconds(2));
        Assert.Equal(ErrorCodes.DnsTimeout, (await Fails(() => asking)).Code);
    }

    [Fact]
    public async Task A_reply_to_a_name_in_other_letter_case_is_taken()
    {
        await using var server = Server(query =>
        {
            var reply = Reply(query, records: [Address("A.TEST", 60, "192.0.2.1")]);
            reply[13] = (byte)'A';
            return [reply];
        });
        Assert.Equal("192.0.2.1", Assert.Single((await For(server).QueryAsync("a.test", DnsRecordType.A, None)).Records).Data);
    }

    [Fact]
    public async Task A_truncated_answer_is_asked_for_again_over_tcp()
    {
        var addresses = Enumerable.Range(0, 400).Select(i => $"192.0.{i / 256}.{i % 256}").ToArray();
        await using var server = new DnsTestServer((query, tcp) =>
            [tcp ? Reply(query, records: [.. addresses.Select(a => Address(null, 60, a))]) : Reply(query, truncated: true)]);
        var answer = await For(server).QueryAsync("big.test", DnsRecordType.A, None);
        Assert.True(answer.OverTcp);
        Assert.Equal(addresses, answer.Records.Select(record => record.Data));
        Assert.False((await server.Received.ReadAsync()).OverTcp);
        Assert.True((await server.Received.ReadAsync()).OverTcp);
    }

    [Fact]
    public async Task A_tcp_answer_that_is_wrong_or_cut_short_is_a_server_failure()
    {
        foreach (var broken in new Func<byte[], IEnumerable<byte[]>>[]
        {
            static _ => [], query => [Reply(query, truncated: true)], query => [Reply([1, 2, .. query[2..]])], static _ => [[]],
        })
        {
            await using var server = new DnsTestServer((query, tcp) => tcp ? broken(query) : [Reply(query, truncated: true)]);
            Assert.Equal(ErrorCodes.DnsServerFailure, (await Fails(() => For(server).QueryAsync("a.test", DnsRecordType.A, None))).Code);
        }
    }

    [Fact]
    public async Task A_lost_query_is_sent_again_with_the_same_id_and_a_late_answer_counts()
    {
        byte[]? lost = null;
        await using var server = Server(query =>
        {
            if (lost is not null)
                return [Reply(lost, records: [Address(null, 60, "192.0.2.1")])];
            lost = query;
            return [];
        });
        var asking = For(server).QueryAsync("a.test", DnsRecordType.A, None);
        var (first, _, from) = await server.Received.ReadAsync();
        Assert.False(asking.IsCompleted);
        _clock.Advance(TimeSpan.FromSeconds(1));
        var (second, _, again) = await server.Received.ReadAsync();
        Assert.Equal(first, second);
        Assert.Equal(from, again);
        var answer = await asking;
        Assert.Equal("192.0.2.1", Assert.Single(answer.Records).Data);
        Assert.Equal(TimeSpan.FromSeconds(1), answer.Elapsed);
    }

    [Fact]
    public async Task No_answer_to_three_tries_is_a_timeout_that_names_the_server()
    {
        await using var server = Server(static _ => []);
        var asking = For(server).QueryAsync("a.test", DnsRecordType.A, None);
        foreach (var seconds in new[] { 1, 2, 2 })
        {
            await server.Received.ReadAsync();
            _clock.Advance(TimeSpan.FromSeconds(seconds));
        }
        var error = await Fails(() => asking);
        Assert.Equal(ErrorCodes.DnsTimeout, error.Code);
        Assert.Equal(NetworkPhase.Resolve, error.Phase);
        Assert.Equal("a.test", error.Endpoint!.ToString());
        Assert.Equal(TimeSpan.FromSeconds(5), error.Elapsed);
        Assert.Equal(new Attempt(server.EndPoint.ToString(), TimeSpan.FromSeconds(5), ErrorCodes.DnsTimeout), Assert.Single(error.Attempts));
        Assert.True(error.IsTransient);
        Assert.False(server.Received.TryRead(out _));
    }

    [Theory]
    [InlineData(NxDomain, ErrorCodes.DnsNotFound, "no such name")]
    [InlineData(NoError, ErrorCodes.DnsNotFound, "no A record")]
    [InlineData(ServFail, ErrorCodes.DnsServerFailure, "SERVFAIL")]
    [InlineData(Refused, ErrorCodes.DnsServerFailure, "REFUSED")]
    public async Task Response_codes_become_our_codes(int code, string expected, string message)
    {
        await using var server = Server(query => [Reply(query, code)]);
        var error = await Fails(() => For(server).QueryAsync("a.test", DnsRecordType.A, None));
        Assert.Equal(expected, error.Code);
        Assert.Contains(message, error.Message, StringComparison.Ordinal);
        Assert.Equal((server.EndPoint.ToString(), expected), (Assert.Single(error.Attempts).Address, error.Attempts[0].Code));
    }

    [Fact]
    public async Task A_server_that_cannot_read_the_query_is_a_server_failure()
    {
        await using var server = Server(query => [[query[0], query[1], 0x80, 1, 0, 0, 0, 0, 0, 0, 0, 0]]);
        var error = await Fails(() => For(server).QueryAsync("a.test", DnsRecordType.A, None));
        Assert.Equal(ErrorCodes.DnsServerFailure, error.Code);
        Assert.Contains("FORMERR", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_malformed_answer_is_a_server_failure()
    {
        await using var server = Server(query => [Reply(query, records: [Record(null, DnsRecordType.A, 60, [1, 2, 3])])]);
        var error = await Fails(() => For(server).QueryAsync("a.test", DnsRecordType.A, None));
        Assert.Equal(ErrorCodes.DnsServerFailure, error.Code);
        Assert.Contains("malformed", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_port_on_which_nobody_listens_is_a_server_failure()
    {
        var server = Server(static _ => []);
        await server.DisposeAsync();
        var error = await Fails(() => For(server).QueryAsync("a.test", DnsRecordType.A, None));
        Assert.Equal(ErrorCodes.DnsServerFailure, error.Code);
        Assert.Contains("could not be reached", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_next_server_is_asked_where_one_fails_but_not_where_the_name_is_said_not_to_exist()
    {
        await using var broken = Server(query => [Reply(query, ServFail)]);
        await using var good = Server(query => [Reply(query, records: [Address(null, 60, "192.0.2.1")])]);
        await using var denies = Server(query => [Reply(query, NxDomain)]);
        var resolver = new DnsServerResolver([broken.EndPoint, good.EndPoint], IPFamilies.IPv4, _clock);
        Assert.Equal(good.EndPoint, (await resolver.QueryAsync("a.test", DnsRecordType.A, None)).Server);
        var error = await Fails(() => new DnsServerResolver([broken.EndPoint, denies.EndPoint, good.EndPoint], IPFamilies.IPv4, _clock)
            .QueryAsync("a.test", DnsRecordType.A, None));
        Assert.Equal(ErrorCodes.DnsNotFound, error.Code);
        Assert.Equal([ErrorCodes.DnsServerFailure, ErrorCodes.DnsNotFound], error.Attempts.Select(attempt => attempt.Code));
    }

    [Fact]
    public async Task Aliases_are_followed_inside_the_answer_and_their_time_to_live_counts()
    {
        await using var server = Server(query => TypeOf(query) == DnsRecordType.AAAA ? [Reply(query)] :
        [
            Reply(query, records:
            [
                Address("c.test", 300, "192.0.2.3"), // before its alias: the order means nothing
                Address("unasked.test", 300, "203.0.113.66"),
                Record(null, DnsRecordType.CNAME, 100, Name("b.test")),
                Record("b.test", DnsRecordType.CNAME, 20, Name("C.test")),
            ]),
        ]);
        var found = await For(server).ResolveAsync("a.test", None);
        Assert.Equal("192.0.2.3", string.Join(' ', found.Addresses));
        Assert.Equal(TimeSpan.FromSeconds(20), found.TimeToLive);
        var answer = await For(server).QueryAsync("a.test", DnsRecordType.A, None);
        Assert.Equal(["a.test", "b.test", "c.test"], answer.Records.Select(record => record.Name));
    }

    [Fact]
    public async Task Alias_loops_end_in_not_found()
    {
        await using var server = Server(query => [Reply(query, records:
        [
            Record("a.test", DnsRecordType.CNAME, 60, Name("b.test")), Record("b.test", DnsRecordType.CNAME, 60, Name("a.test")),
        ])]);
        Assert.Equal(ErrorCodes.DnsNotFound, (await Fails(() => For(server).QueryAsync("a.test", DnsRecordType.A, None))).Code);
    }

    [Theory]
    [InlineData(DnsRecordType.A)]
    [InlineData(DnsRecordType.AAAA)]
    public async Task One_failing_family_does_not_hide_the_other(DnsRecordType failing)
    {
        await using var server = Server(query => TypeOf(query) == failing
            ? [Reply(query, ServFail)]
            : [Reply(query, records: [Address(null, 600, failing == DnsRecordType.A ? "2001:db8::1" : "192.0.2.1")])]);
        var found = await For(server).ResolveAsync("a.test", None);
        Assert.Single(found.Addresses);
        Assert.Equal(TimeSpan.FromSeconds(10), found.TimeToLive);
    }

    [Fact]
    public async Task A_silent_family_holds_the_other_up_for_a_second_at_most()
    {
        var cancelled = new TaskCompletionSource();
        var lookup = new DualLookup(async (_, type, ct) =>
        {
            if (type == DnsRecordType.A)
                return new ResolvedAddresses([IPAddress.Loopback], TimeSpan.FromHours(1));
            await using var registration = ct.Register(cancelled.SetResult);
            await Task.Delay(Timeout.Infinite, ct);
            throw new InvalidOperationException();
        }, _clock);
        var asking = lookup.RunAsync("a.test", None);
        _clock.Advance(TimeSpan.FromMilliseconds(999));
        Assert.False(asking.IsCompleted);
        _clock.Advance(TimeSpan.FromMilliseconds(1));
        Assert.Equal(IPAddress.Loopback, Assert.Single((await asking).Addresses));
        Assert.Equal(TimeSpan.FromSeconds(10), (await asking).TimeToLive);
        await cancelled.Task;
    }

    [Fact]
    public async Task A_failure_of_both_families_lists_both_attempts()
    {
        await using var server = Server(query => [Reply(query, TypeOf(query) == DnsRecordType.A ? NoError : ServFail)]);
        var error = await Fails(async () => await For(server).ResolveAsync("a.test", None));
        Assert.Equal(ErrorCodes.DnsServerFailure, error.Code);
        Assert.Equal(2, error.Attempts.Count);
    }

    [Fact]
    public async Task The_callers_cancellation_stays_a_cancellation()
    {
        await using var server = Server(static _ => []);
        using var cancel = new CancellationTokenSource();
        var asking = For(server).QueryAsync("a.test", DnsRecordType.A, cancel.Token);
        await server.Received.ReadAsync();
        await cancel.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => asking);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => For(server).QueryAsync("a.test", DnsRecordType.A, cancel.Token));
    }

    [Fact]
    public async Task Names_are_sent_in_ascii_and_addresses_in_reverse()
    {
        await using var server = Server(query => [Reply(query, records: [Record(null, TypeOf(query), 60, Name("host.test"))])]);
        var resolver = For(server);
        Assert.Equal("_x._tcp.xn--bcher-kva.test", (await resolver.QueryAsync("_x._tcp.Bücher.test", DnsRecordType.NS, None)).Name);
        Assert.Equal("1.2.0.192.in-addr.arpa", (await resolver.QueryAsync("192.0.2.1", DnsRecordType.PTR, None)).Name);
        Assert.Equal(
            "1.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.8.b.d.0.1.0.0.2.ip6.arpa",
            (await resolver.QueryAsync("2001:db8::1", DnsRecordType.PTR, None)).Name);
    }

    [Theory]
    [InlineData("a..b")]
    [InlineData("a\\")]
    [InlineData("a\\256")]
    [InlineData("a\ud800")]
    [InlineData("aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa")]
    public async Task Names_that_cannot_be_sent_are_not_found(string name)
    {
        await using var server = Server(static _ => []);
        Assert.Equal(ErrorCodes.DnsNotFound, (await Fails(() => For(server).QueryAsync(name, DnsRecordType.A, None))).Code);
        Assert.Equal(ErrorCodes.DnsNotFound, (await Fails(async () => await For(server).ResolveAsync(name, None))).Code);
        Assert.False(server.Received.TryRead(out _));
    }

    [Fact]
    public async Task Wrong_arguments_are_argument_errors()
    {
        Assert.Throws<ArgumentNullException>(() => new DnsServerResolver(null!));
        Assert.Throws<ArgumentException>(() => new DnsServerResolver(new IPEndPoint(IPAddress.Loopback, 0)));
        var resolver = new DnsServerResolver(new IPEndPoint(IPAddress.Loopback, 53));
        await Assert.ThrowsAsync<ArgumentException>(() => resolver.QueryAsync("", DnsRecordType.A, None));
        foreach (var type in new[] { 0, -1, 41, 252, 255, 65536 })
            await Assert.ThrowsAsync<ArgumentOutOfRangeException>(() => resolver.QueryAsync("a.test", (DnsRecordType)type, None));
    }

    [Fact]
    public async Task The_cache_asks_the_configured_server_again_when_the_time_to_live_is_over()
    {
        await using var server = Server(query => [Reply(query, records: [Address(null, 30, "192.0.2.1")])]);
        var resolver = new CachingResolver(new ResolverOptions { Server = server.EndPoint, Families = IPFamilies.IPv4 }, _clock);
        for (var i = 0; i < 3; i++)
            Assert.Equal(IPAddress.Parse("192.0.2.1"), Assert.Single(await resolver.ResolveAsync("a.test", 80, None)));
        await server.Received.ReadAsync();
        Assert.False(server.Received.TryRead(out _));
        _clock.Advance(TimeSpan.FromSeconds(30));
        await resolver.ResolveAsync("a.test", 80, None);
        await server.Received.ReadAsync();
    }

    [Fact]
    public void The_systems_servers_are_known()
    {
        Assert.NotEmpty(DnsServerResolver.System().Servers);
        Assert.All(DnsServerResolver.System().Servers, server => Assert.Equal(53, server.Port));
    }
}
