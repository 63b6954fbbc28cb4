using Codomyrmex.Networking.Extensions;
using Codomyrmex.Networking.Http;
using Codomyrmex.Networking.Resilience;
using Codomyrmex.Networking.Security;
using Codomyrmex.Networking.Transport;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;

namespace Codomyrmex.Networking.Samples;

/// <summary>SDKs that bring their own HttpClient, under our policy, limits and errors.</summary>
public static class Sdks
{
    public static async Task RunAsync(Uri server, TextWriter output, CancellationToken ct)
    {
        // sample: handler
        await using var guarded = new HTTPClient(HTTPProfiles.Cloud with
        {
            Retry = RetryOptions.None, // the SDK has its own
            Transport = TransportOptions.Default with { Policy = EgressPolicy.PublicInternetOnly.Allowing($"{server.Host}:{server.Port}") },
        });
        using var http = new HttpClient(guarded.ToMessageHandler());
        await output.WriteLineAsync(await http.GetStringAsync($"{server}json", ct));
        try
        {
            await http.GetStringAsync("http://169.254.169.254/latest/meta-data/", ct);
        }
        catch (HttpRequestException error) when (error.InnerException is PolicyException denial)
        {
            await output.WriteLineAsync($"{denial.Code}: {denial.Rule}");
        }
        // end

        // sample: container
        IConfiguration configuration = new ConfigurationBuilder()
            .AddInMemoryCollection([new("Api:BaseUrl", server.ToString()), new("Api:Timeout", "00:00:20"), new("Api:Deny:0", "169.254.0.0/16")]).Build();

        var services = new ServiceCollection().AddCodomyrmexNetworking().AddHTTPClient("api", configuration.GetSection("Api"));
        services.AddHttpClient("sdk").UseHTTPClient("api");
        await using var container = services.BuildServiceProvider();

        using var response = await container.GetRequiredService<IHTTPClients>().Get("api").GetAsync("json", cancellationToken: ct);
        var factory = container.GetRequiredService<IHttpClientFactory>();
        await output.WriteLineAsync($"{response.Status}, {(await factory.CreateClient("sdk").GetStringAsync($"{server}json", ct)).Length} characters");
        // end

        // sample: profile
        await output.WriteLineAsync(HTTPProfiles.Difference(HTTPProfiles.Llm));
        // end
    }
}
