using Codomyrmex.Networking.Testing;

namespace Codomyrmex.Networking.Tests.Cli.Commands;

/// <summary><c>ws</c>: how a handshake proves a password, and the version of HTTP.</summary>
public class WsHandshakeTests
{
    [Fact]
    public async Task Digest_proves_the_password_without_sending_it()
    {
        await using var server = WebSocketServer.Start(new WebSocketServerOptions
        {
            Answer = static (handshake, _) => Task.FromResult(handshake.Headers["Authorization"] is null
                ? WebSocketHandshakeAnswer.Refuse(401, "", new KeyValuePair<string, string>("WWW-Authenticate", "Digest realm=\"r\", nonce=\"n\", qop=\"auth\", algorithm=SHA-256"))
                : null),
        });
        var run = new CliRun { Environment = { ["CODONET_PASSWORD"] = "canary" } };
        await run.StartAsync("ws", server.Url.AbsoluteUri, "--auth", "ada", "--digest", "--send", "in", "--count", "1");
        Assert.Equal((0, "in\n"), (run.ExitCode, run.Out));
        Assert.StartsWith("Digest username=\"ada\"", server.Handshakes[1].Headers["Authorization"]);
        Assert.Equal(64, (await CliRun.RunAsync("ws", server.Url.AbsoluteUri, "--digest", "--send", "in")).ExitCode);
    }

    [Fact]
    public async Task Http2_is_spoken_where_it_is_asked_for_and_nothing_else()
    {
        await using var server = WebSocketServer.Start();
        var run = await CliRun.RunAsync("ws", server.Url.AbsoluteUri, "--http2", "--send", "in", "--count", "1", "--retry", "0", "--json");
        Assert.NotEqual(0, run.ExitCode);
        Assert.Empty(server.Connections);
    }
}
