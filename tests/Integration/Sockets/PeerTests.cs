using System.Security.Cryptography;
using Codomyrmex.Networking.Resilience;
using Codomyrmex.Networking.Sockets;
using Codomyrmex.Networking.Testing;
using Codomyrmex.Networking.Tests.Integration.Fixtures;
using Codomyrmex.Networking.Transport;

namespace Codomyrmex.Networking.Tests.Integration.Sockets;

/// <summary>Framed conversations with the servers and clients of other platforms: Kestrel as a server, Node and Python's asyncio as clients.</summary>
public sealed class PeerTests : IDisposable
{
    private static readonly Framing Framed = Framing.LengthPrefixed(4);

    private readonly TestCertificateAuthority _authority = new();
    private readonly ServerFolder _folder = new();

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public void Dispose()
    {
        _authority.Dispose();
        _folder.Dispose();
    }

    private TCPClient Client(int port, bool tls) => new("127.0.0.1", port, new TCPClientOptions
    {
        Framing = Framed,
        UseTls = tls,
        Retry = RetryOptions.None,
        Transport = TransportOptions.Default with { Tls = new TlsOptions { TrustedRoots = [_authority.Root] } },
    });

    /// <summary>Sends frames of growing length and ends this side, while they come back.</summary>
    private static async Task CountAsync(TCPClient client, int frames, CancellationToken cancellationToken)
    {
        var connection = await client.ConnectAsync(cancellationToken);
        var sending = Task.Run(async () =>
        {
            for (var i = 1; i <= frames; i++)
                await connection.WriteAsync(new byte[i], cancellationToken);
            await connection.EndSendingAsync(cancellationToken);
        }, cancellationToken);
        var next = 1;
        await foreach (var frame in connection.ReceiveAllAsync(cancellationToken))
            Assert.Equal(next++, frame.Length);
        await sending;
        Assert.Equal(frames + 1, next);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Kestrel_frames_by_length_as_we_do(bool tls)
    {
        await using var kestrel = await KestrelFrames.StartAsync(tls ? _authority.Issue() : null);
        await using var client = Client(kestrel.Port, tls);
        foreach (var size in (int[])[1, 1000, 300_000])
        {
            var frame = RandomNumberGenerator.GetBytes(size);
            Assert.Equal(frame.Reverse(), await client.RequestAsync(frame, Stop));
        }
        // Many that are under way at a time come back in their order.
        await CountAsync(client, 5000, Stop);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_side_is_ended_while_answers_arrive(bool tls)
    {
        await using var kestrel = await KestrelFrames.StartAsync(tls ? _authority.Issue() : null);
        await Parallel.ForAsync(0, 50, new ParallelOptions { MaxDegreeOfParallelism = 2, CancellationToken = Stop }, async (_, ct) =>
        {
            await using var client = Client(kestrel.Port, tls);
            await CountAsync(client, 2000, ct);
        });
    }

    [Fact]
    public async Task Kestrel_that_breaks_the_connection_is_told_and_reached_again()
    {
        await using var kestrel = await KestrelFrames.StartAsync();
        await using var client = Client(kestrel.Port, tls: false);
        var error = await Assert.ThrowsAsync<ConnectionException>(() => client.RequestAsync(ReadOnlyMemory<byte>.Empty, Stop));
        Assert.True(error.Code is "tcp.reset" or "tcp.closed_early", error.Code);
        Assert.Equal([2, 1], await client.RequestAsync((byte[])[1, 2], Stop));
        await kestrel.DisposeAsync();
        Assert.IsType<ConnectionException>(await Record.ExceptionAsync(() => client.RequestAsync((byte[])[1, 2], Stop)));
    }

    /// <summary>Sends 2,000 frames of growing length without waiting, ends its side, and counts the answers that are what it sent.</summary>
    private const string NodeClient = """
        const [port, ca] = process.argv.slice(2);
        const connected = () => {
          for (let i = 0; i < 2000; i++) {
            const head = Buffer.alloc(4);
            head.writeUInt32BE(i * 7);
            socket.write(Buffer.concat([head, Buffer.alloc(i * 7, i & 255)]));
          }
          socket.end();
        };
        const socket = ca
          ? require('tls').connect({ host: '127.0.0.1', port, ca: require('fs').readFileSync(ca), allowHalfOpen: true }, connected)
          : require('net').connect({ host: '127.0.0.1', port, allowHalfOpen: true }, connected);
        let rest = Buffer.alloc(0), next = 0;
        socket.on('data', data => {
          rest = Buffer.concat([rest, data]);
          while (rest.length >= 4 && rest.length >= 4 + rest.readUInt32BE(0)) {
            const end = 4 + rest.readUInt32BE(0);
            if (end === 4 + next * 7 && rest.subarray(4, end).every(byte => byte === (next & 255))) next++;
            rest = rest.subarray(end);
          }
        });
        socket.on('end', () => console.log(next));
        """;

    /// <inheritdoc cref="NodeClient"/>
    private const string PythonClient = """
        import asyncio, ssl, sys
        async def main():
            trust = ssl.create_default_context(cafile=sys.argv[2]) if len(sys.argv) > 2 else None
            reader, writer = await asyncio.open_connection('127.0.0.1', int(sys.argv[1]), ssl=trust)
            async def send():
                for i in range(2000):
                    writer.write((i * 7).to_bytes(4, 'big') + bytes([i & 255]) * (i * 7))
                    await writer.drain()
                if writer.can_write_eof():
                    writer.write_eof()
            sending = asyncio.create_task(send())
            right = 0
            for i in range(2000):
                length = int.from_bytes(await reader.readexactly(4), 'big')
                right += await reader.readexactly(length) == bytes([i & 255]) * (i * 7)
            await sending
            print(right)
            writer.close()
        asyncio.run(main())
        """;

    [Theory]
    [InlineData("/usr/bin/node", false)]
    [InlineData("/usr/bin/node", true)]
    [InlineData("/usr/bin/python3", false)]
    [InlineData("/usr/bin/python3", true)]
    public async Task Clients_of_other_platforms_are_served_in_order(string program, bool tls)
    {
        _authority.WriteRootPem(_folder["ca.pem"]);
        await using var server = TCPServer.Start(async (connection, ct) =>
        {
            await foreach (var frame in connection.ReceiveAllAsync(ct))
                await connection.WriteAsync(frame, ct);
        }, new TCPServerOptions { Framing = Framed, Tls = tls ? new TlsServerOptions { Certificate = _authority.Issue() } : null });
        var script = program.EndsWith("node", StringComparison.Ordinal) ? _folder.Write("client.js", NodeClient) : _folder.Write("client.py", PythonClient);
        string[] trust = tls ? [_folder["ca.pem"]] : [];
        Assert.Equal("2000", (await ToolRun.RunAsync("", program, [script, $"{server.Port}", .. trust])).Trim());
        Assert.True(SpinWait.SpinUntil(() => server.GetStatistics().Open == 0, TimeSpan.FromSeconds(10)));
        Assert.Equal(0, server.GetStatistics().Failed);
    }

    [Fact]
    public async Task Python_that_is_killed_in_the_middle_of_a_frame_ends_its_connection_alone()
    {
        var codes = new List<string>();
        await using var server = TCPServer.Start(async (connection, ct) =>
        {
            try
            {
                await connection.ReceiveAsync(ct);
            }
            catch (NetworkException error)
            {
                lock (codes)
                    codes.Add(error.Code);
            }
        }, new TCPServerOptions { Framing = Framed });
        var folder = new ServerFolder();
        var script = folder.Write("half.py", """
            import socket, sys, time
            peer = socket.create_connection(('127.0.0.1', int(sys.argv[1])))
            peer.sendall(b'\x00\x00\x10\x00half')
            ready = socket.create_server(('127.0.0.1', int(sys.argv[2])))
            time.sleep(600)
            """);
        var ready = ServerProcess.FreePort();
        await using (var python = await ServerProcess.StartAsync(folder, ready, "/usr/bin/python3", script, $"{server.Port}", $"{ready}"))
        {
            Assert.True(SpinWait.SpinUntil(() => server.Connections is [{ BytesReceived: 8 }], TimeSpan.FromSeconds(10)));
            python.Kill();
        }
        Assert.True(SpinWait.SpinUntil(() => codes.Count == 1, TimeSpan.FromSeconds(10)));
        Assert.Equal("tcp.closed_early", codes[0]);
    }
}
