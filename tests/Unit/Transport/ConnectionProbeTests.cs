using Codomyrmex.Networking.Transport;

namespace Codomyrmex.Networking.Tests.Unit.Transport;

public class ConnectionProbeTests
{
    private static TransportOptions Never => new() { DialOver = async (_, stop) => await Task.Delay(Timeout.Infinite, stop).ContinueWith<Stream>(_ => null!, stop, default, TaskScheduler.Default) };

    [Fact]
    public async Task Total_timeout_ends_a_probe_and_is_its_failure()
    {
        var report = await ConnectionProbe.RunAsync(new Endpoint("slow.test", 80), useTls: false, Never,
            Timeouts.Default with { Total = TimeSpan.FromMilliseconds(30) }, TestContext.Current.CancellationToken);
        Assert.Equal((ErrorCodes.TimeoutTotal, NetworkPhase.Connect), (report.Failure?.Code, report.Failure!.Phase));
    }

    [Fact]
    public async Task Callers_cancellation_of_a_probe_is_no_failure()
    {
        using var own = new CancellationTokenSource();
        var probe = ConnectionProbe.RunAsync(new Endpoint("slow.test", 80), useTls: false, Never, null, own.Token);
        await own.CancelAsync();
        Assert.Equal(own.Token, (await Assert.ThrowsAnyAsync<OperationCanceledException>(() => probe)).CancellationToken);
    }
}
