using System.Net.Security;
using System.Net.Sockets;
using Codomyrmex.Networking.Testing;
using Microsoft.Extensions.Time.Testing;

namespace Codomyrmex.Networking.Tests.Unit.Testing;

public class ScriptedServerTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Each_connection_has_its_own_index_and_answer()
    {
        await using var server = ScriptedServer.Start(async connection =>
        {
            var request = await connection.ReadRequestAsync();
            var body = $"{connection.Index} {request.Split(' ')[1]}";
            await connection.SendAsync($"HTTP/1.1 200 OK\r\nContent-Length: {body.Length}\r\nConnection: close\r\n\r\n{body}");
        });
        using var http = new HttpClient();
        Assert.Equal("0 /a", await http.GetStringAsync(new Uri(server.Url, "/a"), Cancel));
        Assert.Equal("1 /b", await http.GetStringAsync(new Uri(server.Url, "/b"), Cancel));
        Assert.Equal(2, server.ConnectionCount);
    }

    [Fact]
    public async Task What_follows_the_head_is_kept_for_the_next_read()
    {
        var seen = new TaskCompletionSource<string>();
        await using var server = ScriptedServer.Start(async connection =>
        {
            var head = await connection.ReadRequestAsync();
            var body = await connection.ReadBytesAsync(3);
            var next = await connection.ReadRequestAsync();
            seen.SetResult($"{head.Length} {body[2]} {next}");
        });
        using var raw = await RawClient.ConnectAsync(server.Port);
        await raw.SendAsync("POST / HTTP/1.1\r\n");
        await raw.SendAsync("\r\nabcNEXT");
        raw.ShutdownSend();
        Assert.Equal("19 99 NEXT", await seen.Task);
    }

    [Fact]
    public async Task A_reset_and_an_orderly_end_look_different_to_the_peer()
    {
        await using var server = ScriptedServer.Start(async connection =>
        {
            await connection.ReadBytesAsync(1);
            if (connection.Index == 0)
                connection.Reset();
            else
                await connection.CloseAsync();
        });
        using var first = await RawClient.ConnectAsync(server.Port);
        await first.SendAsync("x");
        var error = await Assert.ThrowsAsync<IOException>(first.ReadToEndAsync);
        Assert.Equal(SocketError.ConnectionReset, Assert.IsType<SocketException>(error.InnerException).SocketErrorCode);
        using var second = await RawClient.ConnectAsync(server.Port);
        await second.SendAsync("xyz");
        Assert.Empty(await second.ReadToEndAsync());
    }

    [Fact]
    public async Task Half_closing_leaves_the_other_direction_open()
    {
        var got = new TaskCompletionSource<byte[]>();
        await using var server = ScriptedServer.Start(async connection =>
        {
            await connection.SendAsync("bye");
            connection.ShutdownSend();
            got.SetResult(await connection.ReadBytesAsync(4));
        });
        using var raw = await RawClient.ConnectAsync(server.Port);
        Assert.Equal("bye", await raw.ReadUntilAsync("bye"));
        Assert.Equal(0, await raw.Stream.ReadAsync(new byte[1], Cancel));
        await raw.SendAsync("late");
        Assert.Equal("late"u8.ToArray(), await got.Task);
    }

    [Fact]
    public async Task A_stall_and_an_endless_answer_end_when_the_peer_gives_up()
    {
        var stalled = new TaskCompletionSource();
        var sent = new TaskCompletionSource<long>();
        await using var server = ScriptedServer.Start(async connection =>
        {
            if (connection.Index == 0)
            {
                await connection.StallAsync();
                stalled.SetResult();
                return;
            }
            sent.SetResult(await connection.SendEndlesslyAsync("X: y\r\n"));
        });
        using (await RawClient.ConnectAsync(server.Port))
            await server.WaitForConnectionsAsync(1, Cancel);
        await stalled.Task;
        using (var raw = await RawClient.ConnectAsync(server.Port))
            Assert.Equal("X: y\r\nX: y\r\n"u8.ToArray(), await raw.ReadAsync(12));
        Assert.True(await sent.Task > 0);
    }

    [Fact]
    public async Task Bytes_drip_on_the_clock()
    {
        var clock = new FakeTimeProvider();
        await using var server = ScriptedServer.Start(
            connection => connection.DripAsync("abc"u8.ToArray(), TimeSpan.FromSeconds(10)), new ScriptedServerOptions { TimeProvider = clock });
        using var raw = await RawClient.ConnectAsync(server.Port);
        var all = raw.ReadToEndAsync();
        while (!all.IsCompleted)
        {
            clock.Advance(TimeSpan.FromSeconds(10));
            await Task.Yield();
        }
        Assert.Equal("abc", await all);
    }

    [Fact]
    public async Task Tls_is_spoken_before_or_within_the_script_or_goes_wrong_in_it()
    {
        using var authority = new TestCertificateAuthority();
        using var certificate = authority.Issue();
        var tls = new LoopbackTlsOptions { Certificate = certificate };
        await using var before = ScriptedServer.Start(connection => connection.SendAsync("before"), new ScriptedServerOptions { Tls = tls });
        await using var within = ScriptedServer.Start(async connection =>
        {
            await connection.SendAsync("!");
            await connection.AuthenticateAsync(tls);
            await connection.SendAsync("within");
        });
        Assert.Equal("https", before.Url.Scheme);
        using var one = await RawClient.ConnectAsync(before.Port);
        Assert.Equal("before", await ReadTlsAsync(one));
        using var two = await RawClient.ConnectAsync(within.Port);
        await two.ReadUntilAsync("!");
        Assert.Equal("within", await ReadTlsAsync(two));

        await using var garbage = ScriptedServer.Start(connection => connection.SendAsync("HTTP/1.1 400 Bad Request\r\n\r\n"));
        await using var closing = ScriptedServer.Start(connection => connection.ReadBytesAsync(10));
        using var three = await RawClient.ConnectAsync(garbage.Port);
        await Assert.ThrowsAnyAsync<Exception>(() => ReadTlsAsync(three));
        using var four = await RawClient.ConnectAsync(closing.Port);
        await Assert.ThrowsAnyAsync<IOException>(() => ReadTlsAsync(four));
    }

    [Fact]
    public async Task A_failed_handshake_is_no_failure_of_the_script_but_an_exception_is()
    {
        using var certificate = TestCertificateAuthority.SelfSigned();
        await using var server = ScriptedServer.Start(
            _ => throw new InvalidOperationException("boom"), new ScriptedServerOptions { Tls = new LoopbackTlsOptions { Certificate = certificate } });
        using var raw = await RawClient.ConnectAsync(server.Port);
        await raw.SendAsync("GET / HTTP/1.1\r\n\r\n");
        await raw.ReadToEndAsync();
        Assert.Empty(server.Failures);
        using var other = await RawClient.ConnectAsync(server.Port);
        await Record.ExceptionAsync(() => ReadTlsAsync(other));
        Assert.Equal("boom", Assert.Single(server.Failures).Message);
    }

    [Fact]
    public async Task Disposal_ends_a_script_that_stalls()
    {
        var server = ScriptedServer.Start(connection => connection.StallAsync());
        using var raw = await RawClient.ConnectAsync(server.Port);
        await server.WaitForConnectionsAsync(1, Cancel);
        await server.DisposeAsync();
        Assert.Equal(0, server.OpenConnectionCount);
    }

    private static async Task<string> ReadTlsAsync(RawClient raw)
    {
        await using var tls = new SslStream(raw.Stream, false, static (_, _, _, _) => true);
        await tls.AuthenticateAsClientAsync("localhost");
        using var reader = new StreamReader(tls);
        return await reader.ReadToEndAsync(Cancel);
    }
}
