using Codomyrmex.Networking.Benchmarks.Transfers;
using Codomyrmex.Networking.Http;
using Codomyrmex.Networking.Transfers;

namespace Codomyrmex.Networking.Benchmarks.Workers;

/// <summary>This library, into a file in memory that is replaced each time.</summary>
internal sealed class OwnFileWork(DownloadOptions options) : IHttpWork
{
    private readonly HTTPClient _client = new();
    private readonly string _path = TransferSuite.Target("own");

    public async ValueTask<long> GetAsync(string url) => (await _client.DownloadAsync(url, _path, options)).Bytes;
}
