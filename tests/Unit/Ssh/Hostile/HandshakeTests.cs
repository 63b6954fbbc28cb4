using Codomyrmex.Networking.Ssh;
using Codomyrmex.Networking.Ssh.Protocol;

namespace Codomyrmex.Networking.Tests.Unit.Ssh.Hostile;

/// <summary>Servers that break the rules before anybody is logged in.</summary>
public class HandshakeTests
{
    [Fact]
    public async Task Honest_server_lets_the_client_in()
    {
        await using var server = HostileServer.StartAfterLogin(async peer =>
        {
            var channel = await peer.AcceptCommandAsync();
            await peer.SendDataAsync(channel, "hello"u8);
            await peer.SendAsync(new WireWriter().Byte(98).UInt32(channel).Text("exit-status").Byte(0).UInt32(3));
            await peer.SendAsync(new WireWriter().Byte(96).UInt32(channel));
            await peer.SendAsync(new WireWriter().Byte(97).UInt32(channel));
        });
        await using var client = await server.ConnectAsync();
        var result = await client.RunAsync("anything", cancellationToken: TestContext.Current.CancellationToken);
        Assert.Equal(("hello", 3), (result.Stdout, result.ExitCode));
        Assert.Equal("aes128-gcm@openssh.com", client.Facts!.Encryption);
    }

    [Fact]
    public async Task Server_that_has_ML_KEM_alone_is_reached_by_it()
    {
        await using var server = HostileServer.Start(async peer =>
        {
            await peer.IdentifyAsync();
            await peer.ExchangeInitsAsync(exchanges: "mlkem768x25519-sha256,kex-strict-s-v00@openssh.com");
            await peer.AgreeOnHybridKeysAsync();
            await peer.AuthenticateAsync();
            var channel = await peer.AcceptCommandAsync();
            await peer.SendDataAsync(channel, "hello"u8);
            await peer.SendAsync(new WireWriter().Byte(98).UInt32(channel).Text("exit-status").Byte(0).UInt32(0));
            await peer.SendAsync(new WireWriter().Byte(97).UInt32(channel));
        });
        await using var client = await server.ConnectAsync();
        Assert.Equal("hello", (await client.RunAsync("anything", cancellationToken: TestContext.Current.CancellationToken)).Stdout);
        Assert.Equal("mlkem768x25519-sha256", client.Facts!.KeyExchange);
    }

    [Fact, Trait("Cve", "53")]
    public async Task Group_that_a_server_may_choose_has_2048_bits_at_least()
    {
        var asked = new TaskCompletionSource<(uint Least, uint Wanted)>();
        await using var server = HostileServer.Start(async peer =>
        {
            await peer.IdentifyAsync();
            await peer.ExchangeInitsAsync(exchanges: "diffie-hellman-group-exchange-sha256");
            var request = new WireReader((await peer.ReceiveAsync(34)).AsSpan(1));
            asked.TrySetResult((request.UInt32(), request.UInt32()));
        });
        var connecting = server.RefusedAsync(server.Options with { Algorithms = SSHAlgorithms.Compatible, Timeouts = Timeouts.Default with { FirstByte = TimeSpan.FromSeconds(2) } });
        var (least, wanted) = await asked.Task.WaitAsync(TimeSpan.FromSeconds(20), TestContext.Current.CancellationToken);
        Assert.True(least >= 2048 && wanted >= 2048, $"{least}, {wanted}");
        await connecting;
    }

    [Fact, Trait("Cve", "48")]
    public async Task Unknown_key_is_refused_before_anything_of_the_user_is_shown()
    {
        await using var server = HostileServer.Start(static peer => peer.HandshakeAsync());
        var error = await server.RefusedAsync(server.Options with { HostKeys = new HostKeyTrust { KnownHostsFiles = [] } });
        Assert.Equal(ErrorCodes.SshHostKeyUnknown, error.Code);
        Assert.Contains(server.HostKey.Key.Fingerprint, error.Message);
        Assert.False(server.WasAskedForAuthentication);
    }

    [Theory, Trait("Cve", "49")]
    [InlineData("[127.0.0.1]:{port} {other}", ErrorCodes.SshHostKeyChanged)]
    [InlineData("[127.0.0.1]:{port} {key}\n@revoked * {key}", ErrorCodes.SshHostKeyRevoked)]
    [InlineData("@revokd * {key}\n[127.0.0.1]:{port} {key}", ErrorCodes.SshHostKeyUnverified)]
    public async Task Changed_revoked_or_doubtful_key_is_refused_before_anything_of_the_user_is_shown(string knownHosts, string code)
    {
        await using var server = HostileServer.Start(static peer => peer.HandshakeAsync());
        using var folder = new TemporaryDirectory();
        var file = Path.Combine(folder.Path, "known_hosts");
        File.WriteAllText(file, knownHosts.Replace("{port}", $"{server.Port}", StringComparison.Ordinal).Replace("{key}", server.HostKey.Key.Text, StringComparison.Ordinal)
            .Replace("{other}", Keys.New(SSHKeyKind.EcdsaP256).Text, StringComparison.Ordinal));
        var error = await server.RefusedAsync(server.Options with { HostKeys = new HostKeyTrust { KnownHostsFiles = [file], AcceptNew = true } });
        Assert.Equal(code, error.Code);
        Assert.False(server.WasAskedForAuthentication);
    }

    [Fact, Trait("Cve", "48")]
    public async Task Known_key_that_did_not_sign_the_exchange_is_refused()
    {
        using var other = new TestAuthority();
        await using var server = HostileServer.Start(async peer =>
        {
            await peer.IdentifyAsync();
            await peer.ExchangeInitsAsync();
            await peer.AgreeOnKeysAsync(shown: other.Key);
        });
        var error = await server.RefusedAsync(server.Options with { HostKeys = new HostKeyTrust { KnownHostsFiles = [], PinnedFingerprints = [other.Key.Fingerprint] } });
        Assert.IsType<SSHException>(error);
        Assert.False(server.WasAskedForAuthentication);
    }

    [Fact, Trait("Cve", "43")]
    public async Task Message_before_the_change_of_keys_ends_a_strict_exchange()
    {
        foreach (var kind in (byte[])[2, 4, 3, 7, 52])
        {
            await using var server = HostileServer.Start(async peer =>
            {
                await peer.IdentifyAsync();
                await peer.ExchangeInitsAsync();
                await peer.AgreeOnKeysAsync(before: () => peer.SendAsync(Injected(kind)).AsTask());
            });
            var error = await server.RefusedAsync();
            Assert.IsType<SSHException>(error);
            Assert.False(server.WasAskedForAuthentication, $"message {kind}");
        }
    }

    [Fact, Trait("Cve", "43")]
    public async Task Message_before_the_first_of_a_strict_exchange_ends_it()
    {
        await using var server = HostileServer.Start(async peer =>
        {
            await peer.IdentifyAsync();
            await peer.SendAsync(Injected(2));
            await peer.ExchangeInitsAsync();
            await peer.AgreeOnKeysAsync();
        });
        Assert.IsType<SSHException>(await server.RefusedAsync());
        Assert.False(server.WasAskedForAuthentication);
    }

    [Fact, Trait("Cve", "44")]
    public async Task Success_that_nobody_asked_for_lets_nobody_in()
    {
        await using var server = HostileServer.Start(static async peer =>
        {
            await peer.HandshakeAsync();
            await peer.SendAsync(new WireWriter().Byte(52));
            await peer.ReceiveAsync(5);
            await peer.SendAsync(new WireWriter().Byte(6).Text("ssh-userauth"));
            // Nothing that the client asks for is granted.
            while (true)
            {
                if ((await peer.ReceiveAsync())[0] == 50)
                    await peer.SendAsync(new WireWriter().Byte(51).Text("publickey").Byte(0));
            }
        });
        Assert.IsType<SSHException>(await server.RefusedAsync());
    }

    [Fact, Trait("Cve", "51")]
    public async Task Packet_of_a_size_that_cannot_be_is_an_error()
    {
        foreach (var length in (uint[])[0, 1, 4, 0x7FFF_FFFF, 0xFFFF_FFFF, 0x1000_0000])
        {
            await using var server = HostileServer.Start(async peer =>
            {
                await peer.IdentifyAsync();
                await peer.SendRawAsync(new WireWriter().UInt32(length).Raw(new byte[64]).ToArray());
            });
            var error = await server.RefusedAsync();
            Assert.True(error is SSHException, $"{length}: {error}");
        }
    }

    [Fact, Trait("Cve", "51")]
    public async Task Padding_longer_than_its_packet_is_an_error()
    {
        await using var server = HostileServer.Start(async peer =>
        {
            await peer.IdentifyAsync();
            await peer.SendRawAsync(new WireWriter().UInt32(12).Byte(255).Byte(2).Raw(new byte[10]).ToArray());
        });
        Assert.IsType<SSHException>(await server.RefusedAsync());
    }

    [Fact, Trait("Cve", "51")]
    public async Task Flood_of_lines_before_the_identification_is_cut_off()
    {
        await using var server = HostileServer.Start(async peer =>
        {
            for (var i = 0; i < 100_000; i++)
                await peer.SendRawAsync("this is a long banner line, one of very many\r\n");
        });
        var error = await server.RefusedAsync();
        Assert.Equal(ErrorCodes.SshProtocol, error.Code);
    }

    [Theory]
    [InlineData("HTTP/1.1 400 Bad Request\r\nConnection: keep-alive\r\n\r\n", "does not speak SSH, but HTTP.", true)]
    [InlineData("\u0015\u0003\u0001\0\u0002\u0002F", "does not speak SSH, but TLS.", true)]
    [InlineData("-ERR unknown command 'SSH-2.0'\r\n", "does not speak SSH: it sent '-ERR unknown command 'SSH-2.0''.", false)]
    public async Task Port_of_another_protocol_is_named(string answer, string said, bool isCertain)
    {
        foreach (var hangsUp in isCertain ? (bool[])[true, false] : [false])
        {
            // What waits for more is given up in time; an answer of HTTP is known at once.
            await using var server = HostileServer.Start(async peer =>
            {
                await peer.ReadLineAsync();
                await peer.SendRawAsync(answer);
                if (hangsUp)
                    peer.Dispose();
            });
            var timeouts = server.Options.Timeouts with { FirstByte = TimeSpan.FromSeconds(answer.StartsWith("HTTP", StringComparison.Ordinal) ? 30 : 1) };
            var error = await server.RefusedAsync(server.Options with { Timeouts = timeouts });
            Assert.True(error.Code == ErrorCodes.SshProtocol, error.ToString());
            Assert.EndsWith(said, error.Message);
            Assert.Contains("22", error.Hint);
        }
    }

    [Theory]
    [InlineData("", "before it identified itself.")]
    [InlineData("Exceeded MaxStartups\r\n", "before it identified itself; it sent 'Exceeded MaxStartups'.")]
    public async Task Server_that_turns_away_is_disconnected_and_may_be_tried_again(string words, string said)
    {
        await using var server = HostileServer.Start(async peer =>
        {
            await peer.ReadLineAsync();
            await peer.SendRawAsync(words);
            peer.Dispose();
        });
        var error = await server.RefusedAsync();
        Assert.Equal((ErrorCodes.SshDisconnected, true), (error.Code, error.IsTransient));
        Assert.EndsWith(said, error.Message);
        Assert.Contains("MaxStartups", error.Hint);
    }

    [Theory, Trait("Cve", "53")]
    [InlineData("aes128-cbc", "ecdh-sha2-nistp256", "ecdsa-sha2-nistp256")]
    [InlineData("3des-cbc", "ecdh-sha2-nistp256", "ecdsa-sha2-nistp256")]
    [InlineData("aes128-gcm@openssh.com", "diffie-hellman-group1-sha1", "ecdsa-sha2-nistp256")]
    [InlineData("aes128-gcm@openssh.com", "diffie-hellman-group14-sha1", "ecdsa-sha2-nistp256")]
    [InlineData("aes128-gcm@openssh.com", "ecdh-sha2-nistp256", "ssh-rsa")]
    [InlineData("aes128-gcm@openssh.com", "ecdh-sha2-nistp256", "ssh-dss")]
    public async Task Server_that_offers_old_algorithms_alone_is_refused_clearly(string cipher, string exchange, string hostKey)
    {
        await using var server = HostileServer.Start(async peer =>
        {
            await peer.IdentifyAsync();
            await peer.ExchangeInitsAsync(cipher, exchange, hostKey);
        });
        var error = await server.RefusedAsync();
        Assert.Equal(ErrorCodes.SshProtocol, error.Code);
        Assert.NotNull(error.Hint);
    }

    [Fact]
    public async Task Silence_in_the_handshake_is_a_timeout()
    {
        foreach (var step in (int[])[0, 1, 2])
        {
            await using var server = HostileServer.Start(async peer =>
            {
                if (step > 0)
                    await peer.IdentifyAsync();
                if (step > 1)
                    await peer.ExchangeInitsAsync();
                await Task.Delay(Timeout.Infinite, peer.Stopped);
            });
            var error = await server.RefusedAsync(server.Options with { Timeouts = Timeouts.Default with { FirstByte = TimeSpan.FromSeconds(1), Total = TimeSpan.FromSeconds(2) } });
            Assert.True(error is NetworkTimeoutException, $"step {step}: {error}");
        }
    }

    [Fact]
    public async Task Server_that_hangs_up_in_the_handshake_is_told()
    {
        foreach (var step in (int[])[0, 1, 2])
        {
            await using var server = HostileServer.Start(async peer =>
            {
                if (step > 0)
                    await peer.IdentifyAsync();
                if (step > 1)
                    await peer.ExchangeInitsAsync();
                peer.Dispose();
            });
            var error = await server.RefusedAsync();
            Assert.True(error.Code is ErrorCodes.SshDisconnected or ErrorCodes.TcpReset or ErrorCodes.TcpClosedEarly, $"step {step}: {error}");
        }
    }

    private static WireWriter Injected(byte kind) => kind switch
    {
        2 => new WireWriter().Byte(2).Text("ignored"),
        3 => new WireWriter().Byte(3).UInt32(0),
        4 => new WireWriter().Byte(4).Byte(1).Text("debug").Text(""),
        7 => new WireWriter().Byte(7).UInt32(1).Text("server-sig-algs").Text("ssh-rsa"),
        _ => new WireWriter().Byte(kind),
    };
}
