using System.Net;
using Codomyrmex.Networking.Tests.Integration.Fixtures;
using Codomyrmex.Networking.Transport;
using static Codomyrmex.Networking.Tests.Integration.Proxies.ProxyConversation;

namespace Codomyrmex.Networking.Tests.Integration.Proxies;

public class DanteProxyTests
{
    [Fact]
    public async Task Tunnels_in_SOCKS4_and_SOCKS5_and_says_why_not()
    {
        await using var echo = new EchoServer();
        var blocked = ServerProcess.FreePort();
        var port = ServerProcess.FreePort();
        await using var dante = await DanteProxy.StartAsync(port, "none", blocked);

        await AssertWorksAsync(Proxy(ProxyKind.Socks5, port), "name.invalid", echo.Port, IPAddress.Loopback);
        await AssertWorksAsync(Proxy(ProxyKind.Socks5h, port), "localhost", echo.Port);
        await AssertWorksAsync(Proxy(ProxyKind.Socks5h, port), "127.0.0.1", echo.Port);
        // dante knows SOCKS4 but not 4a: it takes the marker 0.0.0.1 for the target. So by address only.
        await AssertWorksAsync(Proxy(ProxyKind.Socks4a, port), "127.0.0.1", echo.Port);
        await AssertWorksAsync(Proxy(ProxyKind.Socks4a, port, "somebody"), "name.invalid", echo.Port, IPAddress.Loopback);
        // Credentials are offered; the proxy does not want them.
        await AssertWorksAsync(Proxy(ProxyKind.Socks5h, port, "user", "unused-canary"), "localhost", echo.Port);

        var closed = ServerProcess.FreePort();
        var refused = await AssertFailsAsync(Proxy(ProxyKind.Socks5h, port), "127.0.0.1", closed, ErrorCodes.ProxyRefused);
        Assert.Contains("connection refused", refused.Message, StringComparison.Ordinal);
        Assert.True(refused.IsTransient);
        var denied = await AssertFailsAsync(Proxy(ProxyKind.Socks5h, port), "127.0.0.1", blocked, ErrorCodes.ProxyRefused);
        Assert.Contains("not allowed by ruleset", denied.Message, StringComparison.Ordinal);
        Assert.False(denied.IsTransient);
        await AssertFailsAsync(Proxy(ProxyKind.Socks4a, port), "127.0.0.1", closed, ErrorCodes.ProxyRefused);
    }

    [Fact]
    public async Task Rejects_missing_and_wrong_credentials()
    {
        await using var echo = new EchoServer();
        var port = ServerProcess.FreePort();
        await using var dante = await DanteProxy.StartAsync(port, "username", ServerProcess.FreePort());

        await AssertFailsAsync(Proxy(ProxyKind.Socks5h, port), "localhost", echo.Port, ErrorCodes.ProxyAuthentication);
        var wrong = await AssertFailsAsync(
            Proxy(ProxyKind.Socks5h, port, "nobody-here", "wr0ng-canary"), "localhost", echo.Port, ErrorCodes.ProxyAuthentication);
        Assert.Contains("rejected the user and password", wrong.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Spoken_to_in_HTTP_is_an_error_not_a_hang()
    {
        var port = ServerProcess.FreePort();
        await using var dante = await DanteProxy.StartAsync(port, "none", ServerProcess.FreePort());
        await AssertFailsAsync(Proxy(ProxyKind.Http, port), "localhost", 443, ErrorCodes.ProxyRefused);
    }
}
