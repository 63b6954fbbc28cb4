using Codomyrmex.Networking.Extensions;
using Codomyrmex.Networking.Http;
using Codomyrmex.Networking.Testing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Codomyrmex.Networking.Samples;

/// <summary>Clients from a container, and what their calls leave in spans, metrics and logs.</summary>
public static class Telemetry
{
    public static async Task RunAsync(Uri server, TextWriter output, CancellationToken ct)
    {
        // sample: container
        var services = new ServiceCollection();
        services.AddCodomyrmexNetworking();
        services.AddHTTPClient("models", HTTPProfiles.Llm);
        services.AddCodomyrmexNetworkingInstrumentation();
        // end

        // sample: capture
        using var capture = TelemetryCapture.Start();
        services.AddLogging(logging => logging.AddProvider(capture).SetMinimumLevel(LogLevel.Debug));
        await using var container = services.BuildServiceProvider();
        var client = container.GetRequiredService<IHTTPClients>().Get("models");

        (await client.GetAsync($"{server}status/404?token=s3cret", cancellationToken: ct)).Dispose();
        foreach (var span in capture.Spans)
            await output.WriteLineAsync($"{span.Kind} {span.DisplayName}: {span.GetTagItem("url.full")} {span.GetTagItem("error.type")}");
        foreach (var log in capture.Logs)
            await output.WriteLineAsync($"{log.Id.Id} {log.Message}");
        await output.WriteLineAsync($"the secret is in none of them: {!capture.ToString().Contains("s3cret", StringComparison.Ordinal)}");
        // end
    }
}
