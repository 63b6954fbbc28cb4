using RestSharp;

namespace Codomyrmex.Networking.Benchmarks.Workers;

/// <summary>RestSharp with one client kept.</summary>
internal sealed class RestSharpWork : IHttpWork
{
    private readonly RestClient _client = new();

    public async ValueTask<long> GetAsync(string url)
    {
        var response = await _client.ExecuteAsync(new RestRequest(url));
        return response.RawBytes!.Length;
    }
}
