using Refit;

namespace Codomyrmex.Networking.Benchmarks.Workers;

/// <summary>Refit: an interface over the platform's client.</summary>
internal sealed class RefitWork : IHttpWork
{
    private IFiles? _files;

    public async ValueTask<long> GetAsync(string url)
    {
        var files = _files ??= RestService.For<IFiles>(new HttpClient { BaseAddress = new Uri(new Uri(url).GetLeftPart(UriPartial.Authority)) });
        return (await files.SmallAsync()).Length;
    }
}
