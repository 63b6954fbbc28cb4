using System.Text;
using Codomyrmex.Networking.Resilience;
using Codomyrmex.Networking.Sockets;
using Codomyrmex.Networking.Testing;
using Codomyrmex.Networking.Tests.Integration.Fixtures;
using Codomyrmex.Networking.Transport;

namespace Codomyrmex.Networking.Tests.Integration.Sockets;

/// <summary><see cref="TCPClient"/> against servers of others.</summary>
public sealed class ClientTests : IDisposable
{
    private readonly TestCertificateAuthority _authority = new();

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public void Dispose() => _authority.Dispose();

    private TCPClient Client(int port, Framing framing, bool tls = false) => new("127.0.0.1", port, new TCPClientOptions
    {
        Framing = framing,
        UseTls = tls,
        Retry = RetryOptions.None,
        Transport = TransportOptions.Default with { Tls = new TlsOptions { TrustedRoots = [_authority.Root] } },
    });

    private static async Task<string> AskAsync(TCPClient client, string text) => Encoding.UTF8.GetString(await client.RequestAsync(Encoding.UTF8.GetBytes(text), Stop));

    private (ServerFolder Folder, string Certificate, string Key) Identity()
    {
        var folder = new ServerFolder();
        _authority.WritePem(_authority.Issue(), folder["cert.pem"], folder["key.pem"]);
        return (folder, folder["cert.pem"], folder["key.pem"]);
    }

    [Fact]
    public async Task Socat_gets_everything_and_its_answer_comes_after_the_half_close()
    {
        var port = ServerProcess.FreePort();
        await using var socat = await ServerProcess.StartAsync(new ServerFolder(), port, "/usr/bin/socat", $"TCP4-LISTEN:{port},bind=127.0.0.1,fork,reuseaddr", "EXEC:/usr/bin/sha256sum");
        await using var client = Client(port, Framing.Raw);
        var connection = await client.ConnectAsync(Stop);
        var bytes = new byte[3_000_000];
        await connection.SendAsync(bytes, Stop);
        await connection.EndSendingAsync(Stop);
        var answer = new StringBuilder();
        await foreach (var piece in connection.ReceiveAllAsync(Stop))
            answer.Append(Encoding.ASCII.GetString(piece.Span));
        Assert.StartsWith(Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(bytes)), answer.ToString());
    }

    [Fact]
    public async Task Kill_9_of_a_peer_is_told_and_a_new_one_is_reached_by_the_next_call()
    {
        var port = ServerProcess.FreePort();
        string[] arguments = [$"TCP4-LISTEN:{port},bind=127.0.0.1,fork,reuseaddr", "EXEC:/bin/cat"];
        await using var client = Client(port, Framing.Lines);
        await using (var first = await ServerProcess.StartAsync(new ServerFolder(), port, "/usr/bin/socat", arguments))
        {
            Assert.Equal("hello", await AskAsync(client, "hello"));
            var waiting = client.ReceiveAsync(Stop).AsTask();
            first.Kill();
            var error = await Assert.ThrowsAsync<ConnectionException>(() => waiting);
            Assert.True(error.Code is "tcp.closed_early" or "tcp.reset", error.Code);
        }
        Assert.Equal("tcp.refused", (await Assert.ThrowsAsync<ConnectionException>(() => AskAsync(client, "nobody"))).Code);
        await using var second = await ServerProcess.StartAsync(new ServerFolder(), port, "/usr/bin/socat", arguments);
        Assert.Equal("again", await AskAsync(client, "again"));
    }

    [Fact]
    public async Task Ncat_echoes_through_TLS()
    {
        var (folder, certificate, key) = Identity();
        var port = ServerProcess.FreePort();
        await using var ncat = await ServerProcess.StartAsync(folder, port, "/usr/bin/ncat", "--ssl", "--ssl-cert", certificate, "--ssl-key", key, "-lk", "127.0.0.1", $"{port}", "-e", "/bin/cat");
        await using var client = Client(port, Framing.Lines, tls: true);
        Assert.Equal("through ncat", await AskAsync(client, "through ncat"));
        Assert.StartsWith("TLS 1.", client.Connection!.Tls!.Protocol);
    }

    [Theory]
    [InlineData("-tls1_2", "TLS 1.2")]
    [InlineData("-tls1_3", "TLS 1.3")]
    public async Task Openssl_turns_lines_round_and_negotiates_a_protocol(string version, string expected)
    {
        var (folder, certificate, key) = Identity();
        var port = ServerProcess.FreePort();
        await using var openssl = await ServerProcess.StartAsync(folder, port, "/usr/bin/openssl", "s_server", "-accept", $"127.0.0.1:{port}", "-cert", certificate, "-key", key, "-rev", "-quiet", version, "-alpn", "reverse");
        await using var client = new TCPClient("127.0.0.1", port, new TCPClientOptions
        {
            Framing = Framing.Lines,
            UseTls = true,
            Protocols = ["other", "reverse"],
            Transport = TransportOptions.Default with { Tls = new TlsOptions { TrustedRoots = [_authority.Root] } },
        });
        Assert.Equal("olleh", await AskAsync(client, "hello"));
        Assert.Equal((expected, "reverse"), (client.Connection!.Tls!.Protocol, client.Connection.Tls.ApplicationProtocol));
    }

    [Fact]
    public async Task Node_frames_by_length_as_we_do()
    {
        var folder = new ServerFolder();
        var script = folder.Write("echo.js", """
            require('net').createServer(socket => {
              let rest = Buffer.alloc(0);
              socket.on('data', data => {
                rest = Buffer.concat([rest, data]);
                while (rest.length >= 4 && rest.length >= 4 + rest.readUInt32BE(0)) {
                  const end = 4 + rest.readUInt32BE(0);
                  const frame = Buffer.from(rest.subarray(4, end)).reverse();
                  const head = Buffer.alloc(4);
                  head.writeUInt32BE(frame.length);
                  socket.write(Buffer.concat([head, frame]));
                  rest = rest.subarray(end);
                }
              });
              socket.on('error', () => {});
            }).listen(+process.argv[2], '127.0.0.1');
            """);
        var port = ServerProcess.FreePort();
        await using var node = await ServerProcess.StartAsync(folder, port, "/usr/bin/node", script, $"{port}");
        await using var client = Client(port, Framing.LengthPrefixed(4));
        foreach (var size in (int[])[0, 1, 1000, 300_000])
        {
            var frame = new byte[size];
            Random.Shared.NextBytes(frame);
            Assert.Equal(frame.Reverse(), await client.RequestAsync(frame, Stop));
        }
    }

    [Fact]
    public async Task Python_answers_lines_in_order_however_many_are_under_way()
    {
        var folder = new ServerFolder();
        var script = folder.Write("upper.py", """
            import asyncio, sys
            async def serve(reader, writer):
                while line := await reader.readline():
                    writer.write(line.upper())
                    await writer.drain()
                writer.close()
            async def main():
                server = await asyncio.start_server(serve, '127.0.0.1', int(sys.argv[1]))
                await server.serve_forever()
            asyncio.run(main())
            """);
        var port = ServerProcess.FreePort();
        await using var python = await ServerProcess.StartAsync(folder, port, "/usr/bin/python3", script, $"{port}");
        await using var client = Client(port, Framing.Lines);
        var connection = await client.ConnectAsync(Stop);
        var sending = Task.Run(async () =>
        {
            for (var i = 0; i < 20_000; i++)
                await connection.WriteAsync(Encoding.ASCII.GetBytes($"line {i}"), Stop);
            await connection.EndSendingAsync(Stop);
        }, Stop);
        var next = 0;
        await foreach (var line in connection.ReceiveAllAsync(Stop))
            Assert.Equal($"LINE {next++}", Encoding.ASCII.GetString(line.Span));
        await sending;
        Assert.Equal(20_000, next);
    }
}
