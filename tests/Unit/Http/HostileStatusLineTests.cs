using Codomyrmex.Networking.Http;

namespace Codomyrmex.Networking.Tests.Unit.Http;

/// <summary>Status lines that break RFC 9112, section 4.</summary>
public class HostileStatusLineTests
{
    [Theory]
    [InlineData("garbage")]
    [InlineData("<html>not HTTP at all, and some way longer than a status line</html>")]
    [InlineData("SSH-2.0-OpenSSH_9.6")]
    [InlineData("ICY 200 OK")]
    [InlineData("HTTP/1.1")]
    [InlineData("HTTP/1.1 ")]
    [InlineData("HTTP/1.1 OK")]
    [InlineData("HTTP/1.1 2x0 OK")]
    [InlineData("HTTP/1.1 20 OK")]
    [InlineData("HTTP/1.1 2000 OK")]
    [InlineData("HTTP/1.1 -20 OK")]
    [InlineData("HTTP/1.1  200 OK")]
    [InlineData("HTTP/1.1x200 OK")]
    [InlineData("HTTP/11 200 OK")]
    [InlineData("HTTP/9.1 200 OK")]
    [InlineData("HTTP/2.0 200 OK")]
    [InlineData("HTTP/1.x 200 OK")]
    [InlineData("HTTQ/1.1 200 OK")]
    [InlineData("http/1.1 200 OK")]
    [InlineData("HTTP/1.1 000 OK")]
    [InlineData("HTTP/1.1 099 OK")]
    [InlineData("HTTP/1.1 200\0OK")]
    [InlineData("HTTP/1.1 200 O\0K")]
    [InlineData("HTTP/1.1 200 O\rK")]
    [InlineData("\0\0\0\0")]
    public async Task Malformed_status_line_is_refused(string line)
    {
        await using var server = RawAnswer.ThenClose($"{line}\r\nContent-Length: 2\r\n\r\nok");
        var error = await RawAnswer.FailureAsync(server.Url);
        Assert.Equal(ErrorCodes.HttpMalformed, error.Code);
        Assert.IsType<HTTPException>(error);
        Assert.NotEqual(WasSent.Never, error.WasSent);
    }

    [Theory]
    [InlineData("HTTP/1.1 200", "")]
    [InlineData("HTTP/1.1 200 ", "")]
    [InlineData("HTTP/1.0 200 OK", "OK")]
    [InlineData("HTTP/1.1 299 Whatever it takes", "Whatever it takes")]
    public async Task Unusual_but_allowed_status_line_is_read(string line, string reason)
    {
        await using var server = RawAnswer.ThenClose($"{line}\r\nContent-Length: 2\r\n\r\nok");
        using var client = new HTTPClient(RawAnswer.Options);
        using var response = await client.GetAsync(server.Url.ToString(), cancellationToken: TestContext.Current.CancellationToken);
        Assert.Equal((reason, "ok"), (response.Reason, response.Text));
    }

    [Fact]
    public async Task Switching_protocols_that_nobody_asked_for_is_refused()
    {
        await using var server = RawAnswer.ThenStall("HTTP/1.1 101 Switching Protocols\r\nUpgrade: h2c\r\nConnection: Upgrade\r\n\r\nsomething else");
        var error = await RawAnswer.FailureAsync(server.Url);
        Assert.Equal(ErrorCodes.HttpMalformed, error.Code);
    }

    [Fact]
    public async Task Endless_status_line_is_cut_off()
    {
        await using var server = EndlessPeer.Start("HTTP/1.1 200 ", "a");
        var error = await RawAnswer.FailureAsync(server.Url);
        Assert.Equal(ErrorCodes.HttpTooLarge, error.Code);
        Assert.InRange(await server.Sent, 0, 16 * 1024 * 1024);
    }
}
