using Codomyrmex.Networking.Http;
using Codomyrmex.Networking.Tests.Integration.Fixtures;

namespace Codomyrmex.Networking.Tests.Integration.Http;

/// <summary>Cookies and pages against httpbin under gunicorn.</summary>
public sealed class CookiesAndPagesTests : IAsyncLifetime
{
    private HttpbinServer? _server;

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    private string Url => _server!.Url;

    public async ValueTask InitializeAsync() => _server = await HttpbinServer.StartAsync();

    public async ValueTask DisposeAsync()
    {
        if (_server is not null)
            await _server.DisposeAsync();
    }

    private async Task<string> CookiesAsync(HTTPClient client, string path = "cookies", RequestOptions? options = null)
    {
        using var response = await client.GetAsync(Url + path, options, Stop);
        return string.Join(' ', response.EnsureSuccess().Json().GetProperty("cookies").EnumerateObject().Select(cookie => $"{cookie.Name}={cookie.Value}").Order());
    }

    [Fact]
    public async Task Cookies_of_another_implementation_are_kept_sent_deleted_and_saved()
    {
        var jar = new CookieJar(new CookieJarOptions { SaveSessionCookies = true });
        using var client = new HTTPClient(Calls.Options with { Cookies = jar });
        // It answers with a redirect that sets them; the next hop already has them.
        Assert.Equal("a=1 b=two words", await CookiesAsync(client, "cookies/set?a=1&b=two+words"));
        Assert.Equal("a=1 b=two words", await CookiesAsync(client));
        Assert.Equal("", await CookiesAsync(client, options: new() { UseCookies = false }));
        Assert.Equal("b=two words", await CookiesAsync(client, "cookies/delete?a="));

        var folder = Directory.CreateTempSubdirectory();
        var path = Path.Combine(folder.FullName, "jar.json");
        await jar.SaveAsync(path, Stop);
        using var later = new HTTPClient(Calls.Options with { Cookies = await CookieJar.LoadAsync(path, cancellationToken: Stop) });
        Assert.Equal("b=two words", await CookiesAsync(later));
        folder.Delete(recursive: true);
    }

    [Fact]
    public async Task Pages_are_followed_by_the_links_of_another_implementation()
    {
        var last = "/response-headers?page=3";
        var middle = "/response-headers?page=2&Link=" + Uri.EscapeDataString($"<{last}>; rel=\"next\"");
        using var client = new HTTPClient(Calls.Options);
        var pages = new List<string?>();
        await foreach (var page in client.PagesAsync($"{Url}response-headers?page=1&Link={Uri.EscapeDataString($"<{middle}>; rel=\"next\", <{last}>; rel=\"last\"")}", cancellationToken: Stop))
        {
            using (page)
                pages.Add(page.Headers["page"]);
        }
        Assert.Equal(["1", "2", "3"], pages);
    }
}
