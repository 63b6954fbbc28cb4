using System.Buffers;
using System.Net;

namespace Codomyrmex.Networking.Benchmarks.Workers;

/// <summary>The least that the platform's engine can be asked to do: the floor for anything built on it.</summary>
internal sealed class LeanWork : IHttpWork
{
    private const int FirstBuffer = 4096;

    private readonly HttpMessageInvoker _invoker = new(new SocketsHttpHandler
    {
        UseCookies = false,
        UseProxy = false,
        AllowAutoRedirect = false,
        AutomaticDecompression = DecompressionMethods.None,
        ActivityHeadersPropagator = null,
    });

    private Uri? _url;

    public async ValueTask<long> GetAsync(string url)
    {
        _url ??= new Uri(url);
        if (_url.OriginalString != url)
            _url = new Uri(url);
        using var request = new HttpRequestMessage(HttpMethod.Get, _url);
        using var response = await _invoker.SendAsync(request, CancellationToken.None);
        var length = (int?)response.Content.Headers.ContentLength ?? FirstBuffer;
        var body = response.Content.ReadAsStream();
        var buffer = ArrayPool<byte>.Shared.Rent(length);
        var count = 0;
        int read;
        while (count < length && (read = await body.ReadAsync(buffer.AsMemory(count))) > 0)
            count += read;
        ArrayPool<byte>.Shared.Return(buffer);
        return count;
    }
}
