using System.Collections.Concurrent;
using System.Diagnostics;
using System.Diagnostics.Metrics;
using Codomyrmex.Networking.Diagnostics;
using Codomyrmex.Networking.Http;
using Codomyrmex.Networking.Resilience;
using Codomyrmex.Networking.Testing;
using Codomyrmex.Networking.Transport;
using Microsoft.Extensions.Logging;

namespace Codomyrmex.Networking.Tests.Unit.Http;

/// <summary>Secrets in logs, traces, metrics and exceptions.</summary>
public class CveSecretTests
{
    private const string Canary = "c4nary5ecret";

    private static readonly HTTPClientOptions Loaded = RawAnswer.Options with
    {
        Credential = Credential.Bearer(Canary),
        Headers = new HeaderMap { ["X-Api-Key"] = Canary, ["Cookie"] = "session=" + Canary },
        Query = [new("access_token", Canary)],
        Retry = new RetryOptions { BaseDelay = TimeSpan.Zero },
    };

    [Fact]
    [Trait("Cve", "13")]
    public async Task No_secret_reaches_a_log_a_span_a_metric_or_an_exception()
    {
        var seen = new ConcurrentQueue<string>();
        using var activities = new ActivityListener
        {
            ShouldListenTo = _ => true,
            Sample = static (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllDataAndRecorded,
            ActivityStopped = activity => seen.Enqueue(Everything(activity)),
        };
        ActivitySource.AddActivityListener(activities);
        using var meters = new MeterListener { InstrumentPublished = (instrument, listener) => listener.EnableMeasurementEvents(instrument) };
        meters.SetMeasurementEventCallback<double>((instrument, value, tags, _) => seen.Enqueue($"{instrument.Name} {value} {string.Join(' ', tags.ToArray())}"));
        meters.Start();

        await using var server = LabEndpoints.MapTo(LoopbackServer.Start());
        var logger = new RecordingLogger(seen);
        using var client = new HTTPClient(Loaded with { Logger = logger });
        using var authority = new TestCertificateAuthority();
        await using var untrusted = LoopbackServer.Start(new LoopbackServerOptions { Tls = new LoopbackTlsOptions { Certificate = authority.Issue() } });
        await using var broken = RawAnswer.ThenClose("garbage\r\n\r\n");
        var evil = Uri.EscapeDataString($"http://user:{Canary}@127.0.0.1:1/?token={Canary}");
        string[] urls =
        [
            $"http://user:{Canary}@127.0.0.1:{server.Port}/get?password={Canary}",
            $"{server.Url}status/503?api_key={Canary}",
            $"{server.Url}status/404?secret={Canary}",
            $"{server.Url}redirect-to?url={Uri.EscapeDataString($"ftp://user:{Canary}@x.test/?sig={Canary}")}",
            $"{server.Url}redirect-to?url={evil}",
            $"http://user:{Canary}@127.0.0.1:{broken.Port}/?token={Canary}",
            $"https://user:{Canary}@127.0.0.1:{untrusted.Port}/?token={Canary}",
            $"http://user:{Canary}@127.0.0.1:1/?token={Canary}",
        ];
        foreach (var url in urls)
        {
            try
            {
                using var response = await client.GetAsync(url, cancellationToken: TestContext.Current.CancellationToken);
                seen.Enqueue(response.ToString());
                response.EnsureSuccess();
            }
            catch (NetworkException error)
            {
                seen.Enqueue(error + "\n" + error.Failure.Message + error.Hint + string.Join(' ', error.Attempts) + error.Endpoint);
            }
        }
        var rejected = await Assert.ThrowsAsync<ArgumentException>(() => client.GetAsync($"http://user:{Canary}@ho st/?token={Canary}", cancellationToken: TestContext.Current.CancellationToken));
        seen.Enqueue(rejected.ToString());
        seen.Enqueue($"{client.Options} {new Request("GET", urls[0])} {Loaded.Credential} {Loaded.Headers} {new ProxyOptions { Kind = ProxyKind.Http, Host = "p.test", Port = 1, User = "u", Password = Canary }}");
        Assert.Contains(seen, text => text.Contains("failed with", StringComparison.Ordinal));
        Assert.Contains(seen, text => text.Contains("http.client.request.duration", StringComparison.Ordinal));
        Assert.Contains(seen, text => text.Contains(NetworkTelemetry.ActivitySourceName, StringComparison.Ordinal));
        Assert.DoesNotContain(seen, text => text.Contains(Canary, StringComparison.Ordinal) && IsOurs(text));
    }

    // Servers of other tests trace themselves too; what they say has their own source's name.
    private static bool IsOurs(string text) => !text.StartsWith("Microsoft.", StringComparison.Ordinal);

    private static string Everything(Activity activity) =>
        $"{activity.Source.Name} {activity.DisplayName} {activity.StatusDescription} {string.Join(' ', activity.TagObjects)} " +
        string.Join(' ', activity.Events.Select(e => e.Name + string.Join(' ', e.Tags)));

    private sealed class RecordingLogger(ConcurrentQueue<string> seen) : ILogger
    {
        public IDisposable? BeginScope<TState>(TState state) where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
            seen.Enqueue($"{eventId} {formatter(state, exception)} {exception} {(state is IEnumerable<KeyValuePair<string, object?>> values ? string.Join(' ', values) : "")}");
    }
}
