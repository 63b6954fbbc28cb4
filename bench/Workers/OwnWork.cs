using Codomyrmex.Networking.Http;

namespace Codomyrmex.Networking.Benchmarks.Workers;

/// <summary>This library, as its guide shows it.</summary>
internal sealed class OwnWork(HTTPClientOptions options) : IHttpWork
{
    private readonly HTTPClient _client = new(options);

    public async ValueTask<long> GetAsync(string url)
    {
        using var response = await _client.GetAsync(url);
        return response.Content.Length;
    }
}
