using Codomyrmex.Networking.Http;

namespace Codomyrmex.Networking.Benchmarks.Workers;

/// <summary>This library: the whole body in pooled memory, then parsed by generated code.</summary>
internal sealed class OwnJsonWork : IHttpWork
{
    private readonly HTTPClient _client = new();

    public async ValueTask<long> GetAsync(string url)
    {
        using var response = await _client.GetAsync(url);
        return response.Json(CatalogueJson.Default.CatalogueItemArray)!.Length;
    }
}
