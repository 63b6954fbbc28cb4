using Codomyrmex.Networking.Http;
using Codomyrmex.Networking.Resilience;
using Codomyrmex.Networking.Sockets;
using Codomyrmex.Networking.WebSockets;

namespace Codomyrmex.Networking.Tests.Unit.Transport;

/// <summary>TLS to a port that does not speak it.</summary>
public class PlainPortTests
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n")]
    [InlineData("SSH-2.0-OpenSSH_9.9\r\n")]
    [InlineData("220 mail.test ESMTP\r\n")]
    public async Task The_error_says_that_the_peer_does_not_speak_TLS_there(string greeting)
    {
        await using var server = TCPServer.Start(async (connection, ct) =>
        {
            await connection.SendAsync(System.Text.Encoding.ASCII.GetBytes(greeting), ct);
            while (await connection.TryReceiveAsync(ct) is not null)
                continue;
        });
        using var client = new HTTPClient(new HTTPClientOptions { Retry = RetryOptions.None });
        AssertPlain(await Assert.ThrowsAsync<SSLException>(() => client.GetAsync($"https://127.0.0.1:{server.Port}/", cancellationToken: Stop)), server.Port);
        AssertPlain(await Assert.ThrowsAsync<SSLException>(() => WebSocketClient.ConnectAsync($"wss://127.0.0.1:{server.Port}/", new WebSocketOptions { Retry = RetryOptions.None }, Stop)), server.Port);
    }

    private static void AssertPlain(SSLException error, int port)
    {
        Assert.Equal((ErrorCodes.TlsProtocol, $"127.0.0.1:{port} does not speak TLS there: what it answered is no TLS record."), (error.Code, error.Message));
        Assert.Contains("port", error.Hint);
    }
}
