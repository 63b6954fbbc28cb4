using System.Net;
using Codomyrmex.Networking.Http;
using Codomyrmex.Networking.Resilience;
using Codomyrmex.Networking.Transport;
using Codomyrmex.Networking.Transport.Internal;
using Microsoft.Extensions.Time.Testing;

namespace Codomyrmex.Networking.Tests.Unit.Transport;

/// <summary>Happy Eyeballs (RFC 8305) on a clock of its own.</summary>
public class AddressRaceTests
{
    private static readonly TimeSpan Stagger = TimeSpan.FromMilliseconds(250);
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    private static IPAddress[] Addresses(params string[] texts) => [.. texts.Select(IPAddress.Parse)];

    private static NetworkException Refused(IPAddress address) => new NetworkFailure { Code = ErrorCodes.TcpRefused, Message = $"{address} refused." }.ToException();

    /// <summary>Connections that stay open until the test says how they end.</summary>
    private sealed class Dials
    {
        private readonly Dictionary<IPAddress, TaskCompletionSource<Stream>> _pending = [];
        private readonly SemaphoreSlim _started = new(0);

        public List<IPAddress> Order { get; } = [];

        public List<IPAddress> Cancelled { get; } = [];

        public async Task<Stream> ConnectAsync(IPAddress address, CancellationToken cancellationToken)
        {
            var source = new TaskCompletionSource<Stream>(TaskCreationOptions.RunContinuationsAsynchronously);
            lock (_pending)
            {
                Order.Add(address);
                _pending[address] = source;
            }
            _started.Release();
            await using var registration = cancellationToken.Register(() =>
            {
                lock (_pending)
                    Cancelled.Add(address);
                source.TrySetCanceled(cancellationToken);
            });
            return await source.Task;
        }

        public Task NextAsync() => _started.WaitAsync(Patience);

        public TaskCompletionSource<Stream> this[string address] => _pending[IPAddress.Parse(address)];
    }

    [Fact]
    public void Families_alternate_beginning_with_the_first_and_the_last_winner_goes_to_the_front()
    {
        var addresses = Addresses("2001:db8::1", "2001:db8::2", "192.0.2.1", "192.0.2.2", "2001:db8::3");
        Assert.Equal(Addresses("2001:db8::1", "192.0.2.1", "2001:db8::2", "192.0.2.2", "2001:db8::3"), AddressRace.Order(addresses, null));
        Assert.Equal(Addresses("192.0.2.2", "2001:db8::1", "192.0.2.1", "2001:db8::2", "2001:db8::3"), AddressRace.Order(addresses, IPAddress.Parse("192.0.2.2")));
        Assert.Equal(Addresses("2001:db8::1"), AddressRace.Order(Addresses("2001:db8::1"), IPAddress.Parse("192.0.2.9")));
        Assert.Equal(Addresses("192.0.2.1", "192.0.2.2"), AddressRace.Order(Addresses("192.0.2.1", "192.0.2.2"), IPAddress.Parse("192.0.2.9")));
    }

    [Fact]
    public async Task Address_that_does_not_answer_delays_the_next_by_no_more_than_the_stagger()
    {
        var clock = new FakeTimeProvider();
        var dials = new Dials();
        var race = AddressRace.RunAsync(Addresses("2001:db8::1", "192.0.2.1"), Stagger, clock, dials.ConnectAsync, TestContext.Current.CancellationToken);
        await dials.NextAsync();
        clock.Advance(Stagger - TimeSpan.FromMilliseconds(1));
        Assert.Single(dials.Order);
        clock.Advance(TimeSpan.FromMilliseconds(1));
        await dials.NextAsync();
        var winner = new MemoryStream();
        dials["192.0.2.1"].SetResult(winner);
        Assert.Same(winner, await race.WaitAsync(Patience, TestContext.Current.CancellationToken));
        Assert.Equal(Addresses("2001:db8::1"), dials.Cancelled);
    }

    [Fact]
    public async Task Address_that_fails_lets_the_next_begin_at_once()
    {
        var dials = new Dials();
        var race = AddressRace.RunAsync(Addresses("2001:db8::1", "192.0.2.1"), Stagger, new FakeTimeProvider(), dials.ConnectAsync, TestContext.Current.CancellationToken);
        await dials.NextAsync();
        dials["2001:db8::1"].SetException(Refused(IPAddress.IPv6Loopback));
        await dials.NextAsync();
        var winner = new MemoryStream();
        dials["192.0.2.1"].SetResult(winner);
        Assert.Same(winner, await race.WaitAsync(Patience, TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task Late_first_address_may_still_win()
    {
        var clock = new FakeTimeProvider();
        var dials = new Dials();
        var race = AddressRace.RunAsync(Addresses("2001:db8::1", "192.0.2.1"), Stagger, clock, dials.ConnectAsync, TestContext.Current.CancellationToken);
        await dials.NextAsync();
        clock.Advance(Stagger);
        await dials.NextAsync();
        var winner = new MemoryStream();
        dials["2001:db8::1"].SetResult(winner);
        Assert.Same(winner, await race.WaitAsync(Patience, TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task Connection_that_stands_after_another_has_won_is_closed()
    {
        var clock = new FakeTimeProvider();
        var late = new ClosableStream();
        var release = new TaskCompletionSource<Stream>(TaskCreationOptions.RunContinuationsAsynchronously);
        var started = new SemaphoreSlim(0);
        // The first connection does not heed its cancellation, as a system call may not.
        var race = AddressRace.RunAsync(Addresses("192.0.2.1", "192.0.2.2"), Stagger, clock, (address, _) =>
        {
            started.Release();
            return address.Equals(IPAddress.Parse("192.0.2.1")) ? release.Task : Task.FromResult<Stream>(new MemoryStream());
        }, TestContext.Current.CancellationToken);
        await started.WaitAsync(Patience, TestContext.Current.CancellationToken);
        clock.Advance(Stagger);
        await race.WaitAsync(Patience, TestContext.Current.CancellationToken);
        release.SetResult(late);
        await late.Closed.Task.WaitAsync(Patience, TestContext.Current.CancellationToken);
    }

    [Theory]
    [InlineData(ErrorCodes.TcpReset, ErrorCodes.TcpReset, ErrorCodes.TcpRefused)]
    [InlineData(ErrorCodes.TcpReset, ErrorCodes.TcpUnreachable, ErrorCodes.TcpRefused, ErrorCodes.TcpReset)]
    [InlineData(ErrorCodes.TcpRefused, ErrorCodes.TcpRefused, ErrorCodes.TimeoutConnect)]
    [InlineData(ErrorCodes.TimeoutConnect, ErrorCodes.LocalPorts, ErrorCodes.TimeoutConnect, ErrorCodes.TcpUnreachable)]
    public async Task When_none_answers_the_failure_that_got_furthest_is_thrown(string furthest, params string[] codes)
    {
        var next = 0;
        var addresses = codes.Select((_, i) => IPAddress.Parse($"192.0.2.{i + 1}")).ToArray();
        var error = await Assert.ThrowsAnyAsync<NetworkException>(() => AddressRace.RunAsync(addresses, Stagger, new FakeTimeProvider(),
            (address, _) => Task.FromException<Stream>(new NetworkFailure { Code = codes[next++], Message = $"{address} failed." }.ToException()), TestContext.Current.CancellationToken));
        Assert.Equal(furthest, error.Code);
    }

    [Fact]
    public async Task Every_address_that_was_tried_is_named()
    {
        var resolver = DnsScriptedResolver.Of(TimeSpan.FromHours(1), "::1", "127.0.0.1");
        using var client = new HTTPClient(new HTTPClientOptions
        {
            Retry = RetryOptions.None,
            Transport = TransportOptions.Default with { Resolver = new ResolverOptions { Custom = resolver } },
        });
        var error = await Assert.ThrowsAsync<ConnectionException>(() => client.GetAsync("http://a.test:9/", cancellationToken: TestContext.Current.CancellationToken));
        Assert.Equal(2, error.Attempts.Count);
        Assert.All(error.Attempts, attempt => Assert.Contains($"{attempt.Address} {attempt.Code}", error.Message));
    }

    [Fact]
    public async Task Cancellation_ends_the_race_and_every_connection_under_way()
    {
        var clock = new FakeTimeProvider();
        var dials = new Dials();
        using var source = new CancellationTokenSource();
        var race = AddressRace.RunAsync(Addresses("192.0.2.1", "192.0.2.2", "192.0.2.3"), Stagger, clock, dials.ConnectAsync, source.Token);
        await dials.NextAsync();
        clock.Advance(Stagger);
        await dials.NextAsync();
        await source.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => race.WaitAsync(Patience));
        Assert.Equal(2, dials.Order.Count);
        Assert.Equal(2, dials.Cancelled.Count);
    }

    private sealed class ClosableStream : MemoryStream
    {
        public TaskCompletionSource Closed { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public override ValueTask DisposeAsync()
        {
            Closed.TrySetResult();
            return base.DisposeAsync();
        }
    }
}
