using Codomyrmex.Networking.Tests.Integration.Fixtures;
using Codomyrmex.Networking.Transport;
using static Codomyrmex.Networking.Tests.Integration.Proxies.ProxyConversation;

namespace Codomyrmex.Networking.Tests.Integration.Proxies;

public class TinyProxyTests
{
    [Fact]
    public async Task Tunnels_by_name_and_by_address_and_says_why_not()
    {
        await using var echo = new EchoServer();
        var port = ServerProcess.FreePort();
        await using var tiny = await TinyProxy.StartAsync(port, echo.Port, withCredentials: false);
        var proxy = Proxy(ProxyKind.Http, port);

        await AssertWorksAsync(proxy, "localhost", echo.Port);
        await AssertWorksAsync(proxy, "127.0.0.1", echo.Port);
        // The only port allowed is the echo server's.
        var denied = await AssertFailsAsync(proxy, "127.0.0.1", ServerProcess.FreePort(), ErrorCodes.ProxyRefused);
        Assert.Contains("status 403", denied.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_target_that_refuses_is_a_passing_failure()
    {
        var closed = ServerProcess.FreePort();
        var port = ServerProcess.FreePort();
        await using var tiny = await TinyProxy.StartAsync(port, closed, withCredentials: false);
        var refused = await AssertFailsAsync(Proxy(ProxyKind.Http, port), "127.0.0.1", closed, ErrorCodes.ProxyRefused);
        Assert.Contains("status 5", refused.Message, StringComparison.Ordinal);
        Assert.True(refused.IsTransient);
    }

    [Fact]
    public async Task Asks_for_credentials_and_takes_the_right_ones_only()
    {
        await using var echo = new EchoServer();
        var port = ServerProcess.FreePort();
        await using var tiny = await TinyProxy.StartAsync(port, echo.Port, withCredentials: true);

        await AssertWorksAsync(Proxy(ProxyKind.Http, port, TinyProxy.User, TinyProxy.Password), "localhost", echo.Port);
        await AssertFailsAsync(Proxy(ProxyKind.Http, port), "localhost", echo.Port, ErrorCodes.ProxyAuthentication);
    }
}
