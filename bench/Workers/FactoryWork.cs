using Microsoft.Extensions.DependencyInjection;

namespace Codomyrmex.Networking.Benchmarks.Workers;

/// <summary>The platform's client from its factory, a new one for every request as its guide says, with or without resilience.</summary>
internal sealed class FactoryWork : IHttpWork
{
    private readonly IHttpClientFactory _factory;

    public FactoryWork(bool withResilience)
    {
        var services = new ServiceCollection();
        var builder = services.AddHttpClient("peer");
        if (withResilience)
            builder.AddStandardResilienceHandler();
        _factory = services.BuildServiceProvider().GetRequiredService<IHttpClientFactory>();
    }

    public async ValueTask<long> GetAsync(string url)
    {
        using var client = _factory.CreateClient("peer");
        using var response = await client.GetAsync(url);
        return (await response.Content.ReadAsByteArrayAsync()).Length;
    }
}
