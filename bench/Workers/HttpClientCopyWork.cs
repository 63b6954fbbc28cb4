namespace Codomyrmex.Networking.Benchmarks.Workers;

/// <summary>The platform's client, streamed by its own copying loop.</summary>
internal sealed class HttpClientCopyWork : IHttpWork
{
    private readonly HttpClient _client = new();

    public async ValueTask<long> GetAsync(string url)
    {
        using var response = await _client.GetAsync(url, HttpCompletionOption.ResponseHeadersRead);
        await using var body = await response.Content.ReadAsStreamAsync();
        await body.CopyToAsync(Stream.Null);
        return response.Content.Headers.ContentLength ?? 0;
    }
}
