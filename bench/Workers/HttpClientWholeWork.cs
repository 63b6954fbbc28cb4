namespace Codomyrmex.Networking.Benchmarks.Workers;

/// <summary>The platform's client, the whole body in an array.</summary>
internal sealed class HttpClientWholeWork : IHttpWork
{
    private readonly HttpClient _client = new();

    public async ValueTask<long> GetAsync(string url) => (await _client.GetByteArrayAsync(url)).Length;
}
