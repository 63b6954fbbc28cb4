using Codomyrmex.Networking.Extensions;
using Codomyrmex.Networking.Http;
using Codomyrmex.Networking.Resilience;
using Codomyrmex.Networking.Testing;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;

namespace Codomyrmex.Networking.Tests.Interop;

/// <summary>A program with a generic host: settings checked when it starts, clients that live as long as it does, logs of its own loggers.</summary>
public class HostTests
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    private static HostApplicationBuilder Builder(params (string Key, string Value)[] settings)
    {
        var builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings());
        builder.Configuration.AddInMemoryCollection(settings.Select(setting => KeyValuePair.Create(setting.Key, (string?)setting.Value)));
        builder.Services.AddCodomyrmexNetworking();
        builder.Services.AddHTTPClient("api", builder.Configuration.GetSection("Clients:Api"));
        return builder;
    }

    [Fact]
    public async Task Host_does_not_start_with_a_wrong_setting_and_says_which()
    {
        using var host = Builder(("Clients:Api:Timeout", "-00:00:01"), ("Clients:Api:Policy", "public-only")).Build();
        var error = await Assert.ThrowsAsync<OptionsValidationException>(() => host.StartAsync(Stop));
        Assert.Contains("'api'", error.Message);
        Assert.Contains("Total", error.Message);
    }

    [Fact]
    public async Task Host_starts_serves_named_clients_logs_and_closes_them_at_its_end()
    {
        await using var server = LabEndpoints.MapTo(LoopbackServer.Start());
        using var capture = TelemetryCapture.Start();
        var builder = Builder(("Clients:Api:BaseUrl", server.Url.ToString()), ("Clients:Api:Timeout", "00:00:20"));
        builder.Logging.Services.AddSingleton<Microsoft.Extensions.Logging.ILoggerProvider>(capture);
        HTTPClient client;
        using (var host = builder.Build())
        {
            await host.StartAsync(Stop);
            client = host.Services.GetRequiredService<IHTTPClients>().Get("api");
            await Assert.ThrowsAsync<HTTPException>(async () => (await client.GetAsync("status/404", cancellationToken: Stop)).EnsureSuccess());
            server.Inject(Fault.Reset());
            await Assert.ThrowsAsync<ConnectionException>(() => client.GetAsync("json", new RequestOptions { Retry = RetryOptions.None }, Stop));
            await host.StopAsync(Stop);
        }
        await Assert.ThrowsAsync<ObjectDisposedException>(() => client.GetAsync("json", cancellationToken: Stop));
        Assert.Contains(capture.Logs, log => log.Id.Id == 2 && log.Category == "Codomyrmex.Networking.Http.HTTPClient.api" && ErrorCodes.TcpReset.Equals(log.Values["Code"]));
    }

    [Fact]
    public async Task Handler_of_the_factory_outlives_its_clients_and_ends_with_the_host()
    {
        await using var server = LabEndpoints.MapTo(LoopbackServer.Start());
        var builder = Builder();
        builder.Services.AddHttpClient("sdk").UseHTTPClient("api");
        using var host = builder.Build();
        var factory = host.Services.GetRequiredService<IHttpClientFactory>();
        for (var i = 0; i < 3; i++)
        {
            using var http = factory.CreateClient("sdk");
            Assert.Contains("Codomyrmex lab", await http.GetStringAsync(server.Url + "json", Stop));
        }
        Assert.Equal(1, server.ConnectionCount);
        (await host.Services.GetRequiredService<IHTTPClients>().Get("api").GetAsync(server.Url + "json", cancellationToken: Stop)).Dispose();
        Assert.Equal(1, server.ConnectionCount);
    }

    [Fact]
    public async Task Client_over_the_factory_goes_on_when_the_factory_renews_its_handler()
    {
        await using var server = LabEndpoints.MapTo(LoopbackServer.Start());
        var builder = Builder();
        builder.Services.AddHTTPClientOverFactory("rotating");
        var made = 0;
        builder.Services.AddHttpClient("rotating").SetHandlerLifetime(TimeSpan.FromSeconds(1)).AddHttpMessageHandler(() =>
        {
            Interlocked.Increment(ref made);
            return new Passing();
        });
        using var host = builder.Build();
        var client = host.Services.GetRequiredService<IHTTPClients>().Get("rotating");
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(Stop);
        patience.CancelAfter(TimeSpan.FromSeconds(30));
        while (Volatile.Read(ref made) < 2)
            (await client.GetAsync(server.Url + "json", cancellationToken: patience.Token)).EnsureSuccess().Dispose();
        Assert.Empty(server.Failures);
    }

    private sealed class Passing : DelegatingHandler;
}
