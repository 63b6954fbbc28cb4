namespace Codomyrmex.Networking.Benchmarks.Workers;

/// <summary>The platform's client as it is mostly used.</summary>
internal sealed class HttpClientWork(HttpClient client) : IHttpWork
{
    public async ValueTask<long> GetAsync(string url)
    {
        using var response = await client.GetAsync(url);
        return (await response.Content.ReadAsByteArrayAsync()).Length;
    }
}
