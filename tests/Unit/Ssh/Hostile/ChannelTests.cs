using Codomyrmex.Networking.Ssh.Protocol;

namespace Codomyrmex.Networking.Tests.Unit.Ssh.Hostile;

/// <summary>Servers that break the rules of channels, once somebody is logged in.</summary>
public class ChannelTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact, Trait("Cve", "51")]
    public async Task Endless_output_is_cut_off_at_its_limit()
    {
        await using var server = HostileServer.StartAfterLogin(async peer =>
        {
            var channel = await peer.AcceptCommandAsync();
            // Within the window that the client opens again and again.
            long allowed = peer.TheirWindow;
            for (long sent = 0; ; sent += 16 * 1024)
            {
                while (sent + 16 * 1024 > allowed)
                {
                    var adjust = new WireReader((await peer.ReceiveAsync(93)).AsSpan(5));
                    allowed += adjust.UInt32();
                }
                await peer.SendDataAsync(channel, new byte[16 * 1024]);
            }
        });
        await using var client = await server.ConnectAsync();
        var error = await Assert.ThrowsAsync<SSHException>(() => client.RunAsync("yes", new() { MaxOutputBytes = 1024 * 1024, TimeoutGrace = TimeSpan.FromMilliseconds(100) }, Token).WaitAsync(TimeSpan.FromSeconds(20), Token));
        Assert.Equal(ErrorCodes.SshOutputTooLarge, error.Code);
    }

    [Fact, Trait("Cve", "51")]
    public async Task More_than_the_window_allows_ends_the_connection()
    {
        await using var server = HostileServer.StartAfterLogin(async peer =>
        {
            var channel = await peer.AcceptCommandAsync();
            for (var i = 0; i < 1000; i++)
                await peer.SendDataAsync(channel, new byte[32 * 1024]);
        });
        await using var client = await server.ConnectAsync();
        await using var process = await client.StartAsync("cat", cancellationToken: Token);
        // Nobody reads, so nothing is given back.
        var error = await Assert.ThrowsAnyAsync<NetworkException>(() => process.WaitAsync(Token).WaitAsync(TimeSpan.FromSeconds(20), Token));
        Assert.Equal(ErrorCodes.SshProtocol, error.Code);
        Assert.Contains("window", error.Message);
    }

    [Fact]
    public async Task Bytes_of_standard_error_count_for_new_keys_too()
    {
        var asked = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var server = HostileServer.StartAfterLogin(async peer =>
        {
            var channel = await peer.AcceptCommandAsync();
            for (var i = 0; i < 64; i++)
                await peer.SendAsync(new WireWriter().Byte(95).UInt32(channel).UInt32(1).String(new byte[32 * 1024]));
            await peer.ReceiveAsync(20);
            asked.SetResult();
        });
        await using var client = await server.ConnectAsync(server.Options with { RekeyBytes = 1 << 20 });
        await using var process = await client.StartAsync("cat", cancellationToken: Token);
        await process.StandardError.ReadExactlyAsync(new byte[2 << 20], Token);
        await asked.Task.WaitAsync(TimeSpan.FromSeconds(20), Token);
    }

    [Fact, Trait("Cve", "51")]
    public async Task Window_that_grows_beyond_its_number_is_an_error_or_stays_full()
    {
        await using var server = HostileServer.StartAfterLogin(async peer =>
        {
            var channel = await peer.AcceptCommandAsync();
            for (var i = 0; i < 4; i++)
                await peer.SendAsync(new WireWriter().Byte(93).UInt32(channel).UInt32(0xFFFF_FFFF));
            // Echoes one message, if the client still speaks.
            await peer.ReceiveAsync(94);
            await peer.SendDataAsync(channel, "still here"u8);
        });
        await using var client = await server.ConnectAsync();
        await using var process = await client.StartAsync("cat", cancellationToken: Token);
        try
        {
            await process.StandardInput.WriteAsync("hello"u8.ToArray(), Token);
            await process.StandardInput.FlushAsync(Token);
            var answer = new byte[10];
            await process.StandardOutput.ReadExactlyAsync(answer, Token).AsTask().WaitAsync(TimeSpan.FromSeconds(20), Token);
            Assert.Equal("still here"u8.ToArray(), answer);
        }
        catch (NetworkException error)
        {
            Assert.Equal(ErrorCodes.SshProtocol, error.Code);
        }
    }

    [Fact, Trait("Cve", "51")]
    public async Task Replies_and_messages_that_nobody_asked_for_do_no_harm()
    {
        await using var server = HostileServer.StartAfterLogin(async peer =>
        {
            var channel = await peer.AcceptCommandAsync();
            for (var i = 0; i < 1000; i++)
            {
                await peer.SendAsync(new WireWriter().Byte(81).UInt32(7));
                await peer.SendAsync(new WireWriter().Byte(82));
                await peer.SendAsync(new WireWriter().Byte(94).UInt32(4711).String("for nobody"u8));
                await peer.SendAsync(new WireWriter().Byte(97).UInt32(4711));
                await peer.SendAsync(new WireWriter().Byte(80).Text("hostkeys-00@openssh.com").Byte(0).String(new byte[100]));
            }
            await peer.SendAsync(new WireWriter().Byte(99).UInt32(channel));
            await peer.SendAsync(new WireWriter().Byte(98).UInt32(channel).Text("exit-status").Byte(0).UInt32(0));
            await peer.SendAsync(new WireWriter().Byte(97).UInt32(channel));
        });
        await using var client = await server.ConnectAsync();
        Assert.Equal(0, (await client.RunAsync("true", cancellationToken: Token).WaitAsync(TimeSpan.FromSeconds(20), Token)).ExitCode);
    }

    [Theory, Trait("Cve", "50")]
    [InlineData("auth-agent@openssh.com")]
    [InlineData("x11")]
    [InlineData("forwarded-tcpip")]
    [InlineData("session")]
    public async Task Channel_that_nobody_asked_for_is_not_opened(string type)
    {
        var answers = new List<byte>();
        var ended = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var server = HostileServer.StartAfterLogin(async peer =>
        {
            var channel = await peer.AcceptCommandAsync();
            await peer.SendAsync(new WireWriter().Byte(90).Text(type).UInt32(1).UInt32(1 << 20).UInt32(32768).Text("127.0.0.1").UInt32(1).Text("127.0.0.1").UInt32(2));
            await peer.SendAsync(new WireWriter().Byte(98).UInt32(channel).Text("exit-status").Byte(0).UInt32(0));
            await peer.SendAsync(new WireWriter().Byte(97).UInt32(channel));
            try
            {
                while (true)
                    answers.Add((await peer.ReceiveAsync())[0]);
            }
            finally
            {
                ended.SetResult();
            }
        });
        await using (var client = await server.ConnectAsync())
        {
            // A type that the engine has never heard of ends the connection; the others are refused, and the command does not notice.
            var running = client.RunAsync("true", cancellationToken: Token);
            if (type.StartsWith("auth-agent", StringComparison.Ordinal))
                await running.ContinueWith(static run => run.Exception, TaskScheduler.Default);
            else
                Assert.Equal(0, (await running).ExitCode);
        }
        await ended.Task.WaitAsync(TimeSpan.FromSeconds(20), Token);
        Assert.DoesNotContain((byte)91, answers);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Corrupted_byte_ends_the_connection_with_an_error(bool isInTag)
    {
        await using var server = HostileServer.StartAfterLogin(async peer =>
        {
            var channel = await peer.AcceptCommandAsync();
            await peer.SendDataAsync(channel, "good"u8);
            var packet = peer.Packet(new WireWriter().Byte(94).UInt32(channel).String("bad"u8));
            packet[isInTag ? ^1 : 10] ^= 1;
            await peer.SendRawAsync(packet);
        });
        await using var client = await server.ConnectAsync();
        await using var process = await client.StartAsync("cat", cancellationToken: Token);
        var error = await Assert.ThrowsAnyAsync<NetworkException>(() => process.WaitAsync(Token).WaitAsync(TimeSpan.FromSeconds(20), Token));
        Assert.Equal(ErrorCodes.SshProtocol, error.Code);
    }

    [Fact]
    public async Task Connection_that_is_cut_in_the_middle_fails_its_commands()
    {
        await using var server = HostileServer.StartAfterLogin(async peer =>
        {
            var channel = await peer.AcceptCommandAsync();
            await peer.SendDataAsync(channel, "half of it"u8);
            var packet = peer.Packet(new WireWriter().Byte(94).UInt32(channel).String(new byte[1000]));
            await peer.SendRawAsync(packet.AsMemory(0, 500));
            peer.Dispose();
        });
        await using var client = await server.ConnectAsync();
        var error = await Assert.ThrowsAnyAsync<NetworkException>(() => client.RunAsync("cat", cancellationToken: Token).WaitAsync(TimeSpan.FromSeconds(20), Token));
        Assert.Equal((ErrorCodes.SshDisconnected, WasSent.Maybe), (error.Code, error.WasSent == WasSent.Yes ? WasSent.Maybe : error.WasSent));
        Assert.False(client.IsConnected);
    }

    [Theory, Trait("Cve", "51")]
    [InlineData(new byte[] { 94, 0, 0, 0, 0, 255, 255, 255, 255 })]
    [InlineData(new byte[] { 94 })]
    [InlineData(new byte[] { 98, 0, 0, 0, 0, 0, 0, 0, 200 })]
    [InlineData(new byte[] { 90, 0, 0, 0, 7, 1 })]
    [InlineData(new byte[] { 200, 1, 2, 3 })]
    public async Task Message_that_ends_too_early_is_an_error_or_passed_over(byte[] message)
    {
        await using var server = HostileServer.StartAfterLogin(async peer =>
        {
            var channel = await peer.AcceptCommandAsync();
            await peer.SendAsync(new WireWriter().Raw(message));
            await peer.SendAsync(new WireWriter().Byte(98).UInt32(channel).Text("exit-status").Byte(0).UInt32(0));
            await peer.SendAsync(new WireWriter().Byte(97).UInt32(channel));
        });
        await using var client = await server.ConnectAsync();
        try
        {
            Assert.Equal(0, (await client.RunAsync("true", cancellationToken: Token).WaitAsync(TimeSpan.FromSeconds(20), Token)).ExitCode);
        }
        catch (NetworkException error)
        {
            Assert.Equal(ErrorCodes.SshProtocol, error.Code);
        }
    }
}
