using System.Diagnostics;
using Codomyrmex.Networking.Http;
using Codomyrmex.Networking.Resilience;
using Codomyrmex.Networking.Testing;
using Microsoft.Extensions.Time.Testing;

namespace Codomyrmex.Networking.Tests.Unit.Http;

/// <summary>A failure after the call has returned tells as much as one before; a caller's own failure leaves nothing open.</summary>
public class StreamedFailureTests
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Failure_of_a_streamed_body_tells_how_long_the_call_took(bool buffered)
    {
        var cut = new TaskCompletionSource();
        var clock = new FakeTimeProvider();
        await using var server = ScriptedServer.Start(async (peer, stop) =>
        {
            await peer.ReadRequestAsync(stop);
            await peer.SendAsync("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabc", stop);
            await cut.Task;
        });
        using var client = new HTTPClient(RawAnswer.Options with { Clock = clock });
        using var response = await client.StreamAsync(server.Url.ToString(), cancellationToken: Stop);
        clock.Advance(TimeSpan.FromSeconds(2));
        cut.SetResult();
        var error = await Assert.ThrowsAnyAsync<NetworkException>(() => buffered ? response.BufferAsync(Stop) : response.OpenStream().CopyToAsync(Stream.Null, Stop));
        Assert.Equal((ErrorCodes.HttpTruncated, TimeSpan.FromSeconds(2)), (error.Code, error.Elapsed));
    }

    [Fact]
    public async Task Failure_of_a_streamed_body_tells_of_the_attempts_before()
    {
        var asked = 0;
        await using var server = LoopbackServer.Start();
        server.Map("GET", "/", async exchange =>
        {
            if (Interlocked.Increment(ref asked) == 1)
            {
                await exchange.RespondAsync(503);
                return;
            }
            var body = await exchange.StartAsync(200, length: 10);
            await body.WriteAsync(new byte[3]);
            await body.FlushAsync();
            exchange.Abort();
        });
        using var client = new HTTPClient(RawAnswer.Options with { Retry = new RetryOptions { BaseDelay = TimeSpan.Zero } });
        using var response = await client.StreamAsync(server.Url.ToString(), cancellationToken: Stop);
        var error = await Assert.ThrowsAnyAsync<NetworkException>(() => response.OpenStream().CopyToAsync(Stream.Null, Stop));
        Assert.Equal((2, error.Code), (error.Attempts.Count, error.Attempts[^1].Code));
    }

    [Fact]
    public async Task Progress_that_throws_ends_the_call_as_it_is_and_leaves_no_span_open()
    {
        await using var server = LabEndpoints.MapTo(LoopbackServer.Start());
        using var capture = TelemetryCapture.Start();
        using var client = new HTTPClient(RawAnswer.Options);
        var options = new RequestOptions { DownloadProgress = new Throwing() };
        await Assert.ThrowsAsync<InvalidTimeZoneException>(() => client.GetAsync(server.Url + "get", options, Stop));
        // The listener hears of spans that have ended.
        Assert.Equal([ActivityKind.Client, ActivityKind.Internal], capture.Spans.Select(span => span.Kind).Order().Reverse());
        Assert.Equal(0, capture.Measurements.Where(measurement => measurement.Instrument == "http.client.active_requests").Sum(measurement => measurement.Value));
        Assert.Equal(0, client.GetPoolStatistics().RequestsInFlight);
    }

    private sealed class Throwing : IProgress<TransferProgress>
    {
        public void Report(TransferProgress value) => throw new InvalidTimeZoneException("The caller's own.");
    }
}
