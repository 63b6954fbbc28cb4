using Codomyrmex.Networking.Http;

namespace Codomyrmex.Networking.Benchmarks.Workers;

/// <summary>This library, streamed.</summary>
internal sealed class OwnDownloadWork(int bufferBytes) : IHttpWork
{
    private readonly HTTPClient _client = new();
    private readonly byte[] _buffer = new byte[bufferBytes];

    public async ValueTask<long> GetAsync(string url)
    {
        await using var response = await _client.StreamAsync(url);
        var body = response.OpenStream();
        long bytes = 0;
        int read;
        while ((read = await body.ReadAsync(_buffer)) > 0)
            bytes += read;
        return bytes;
    }
}
