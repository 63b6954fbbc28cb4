using System.Net.Http.Json;

namespace Codomyrmex.Networking.Benchmarks.Workers;

/// <summary>The platform's client, parsing from the stream by generated code.</summary>
internal sealed class HttpClientJsonWork : IHttpWork
{
    private readonly HttpClient _client = new();

    public async ValueTask<long> GetAsync(string url) =>
        (await _client.GetFromJsonAsync(url, CatalogueJson.Default.CatalogueItemArray))!.Length;
}
