using System.Net;
using System.Net.Sockets;
using Codomyrmex.Networking.Security;
using Codomyrmex.Networking.Ssh;
using Codomyrmex.Networking.Testing;
using Codomyrmex.Networking.Tests.Integration.Fixtures;

namespace Codomyrmex.Networking.Tests.Integration.Ssh;

public sealed class ConnectionTests : IAsyncLifetime
{
    private OpenSshServer _server = null!;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => _server = await OpenSshServer.StartAsync(cancellationToken: Token);

    public ValueTask DisposeAsync() => _server.DisposeAsync();

    [Fact]
    public async Task Unknown_host_key_is_refused_before_any_credential_is_shown()
    {
        var error = await Assert.ThrowsAsync<SSHException>(() => Connected.ToAsync(_server, options => options with { HostKeys = new HostKeyTrust { KnownHostsFiles = [] } }));
        Assert.Equal((ErrorCodes.SshHostKeyUnknown, NetworkPhase.Handshake), (error.Code, error.Phase));
        Assert.DoesNotContain(_server.Log, line => line.Contains("publickey"));
    }

    [Fact]
    public async Task Changed_host_key_is_refused_with_both_fingerprints()
    {
        await using var other = await OpenSshServer.StartAsync(cancellationToken: Token);
        var known = Path.Combine(_server.Folder, "known");
        await File.WriteAllTextAsync(known, (await File.ReadAllTextAsync(other.KnownHostsFile, Token)).Replace($":{other.Port} ", $":{_server.Port} "), Token);
        var error = await Assert.ThrowsAsync<SSHException>(() => Connected.ToAsync(_server, options => options with { HostKeys = new HostKeyTrust { KnownHostsFiles = [known] } }));
        Assert.Equal(ErrorCodes.SshHostKeyChanged, error.Code);
        Assert.Equal(2, error.Message.Split("SHA256:").Length - 1);
    }

    [Fact]
    public async Task Pinned_fingerprint_is_enough_and_another_is_not()
    {
        string fingerprint;
        await using (var first = await Connected.ToAsync(_server))
            fingerprint = first.Facts!.HostKeyFingerprint;
        await using var pinned = await Connected.ToAsync(_server, options => options with { HostKeys = new HostKeyTrust { KnownHostsFiles = [], PinnedFingerprints = [fingerprint] } });
        Assert.True(pinned.IsConnected);
        var wrong = $"SHA256:{Convert.ToBase64String(new byte[32]).TrimEnd('=')}";
        await Assert.ThrowsAsync<SSHException>(() => Connected.ToAsync(_server, options => options with { HostKeys = new HostKeyTrust { KnownHostsFiles = [], PinnedFingerprints = [wrong] } }));
    }

    [Fact]
    public async Task Wrong_key_is_refused_and_the_error_says_what_the_server_wants()
    {
        var path = Path.Combine(_server.Folder, "other");
        using (var pair = SSHKeyPair.Generate())
            await pair.SaveAsync(path, Token);
        var error = await Assert.ThrowsAsync<SSHException>(() => Connected.ToAsync(_server, options => options with { Credentials = [SSHCredential.KeyFile(path)] }));
        Assert.Equal((ErrorCodes.SshAuthentication, NetworkPhase.Authenticate, false), (error.Code, error.Phase, error.IsTransient));
        Assert.Contains("it takes publickey, and none of these was right: key file", error.Message);
        Assert.Contains("authorized_keys", error.Hint);
        var byPassword = await Assert.ThrowsAsync<SSHException>(() => Connected.ToAsync(_server, options => options with { Credentials = [SSHCredential.Password("the canary")] }));
        Assert.Contains("Name a private key", byPassword.Hint);
        Assert.DoesNotContain("canary", byPassword.ToString());
        await using var second = await Connected.ToAsync(_server, options => options with { Credentials = [SSHCredential.KeyFile(path), SSHCredential.KeyFile(_server.KeyFile)] });
        Assert.True(second.IsConnected);
    }

    [Fact]
    public async Task Server_that_wants_two_proofs_gets_both_in_their_order()
    {
        var second = Path.Combine(_server.Folder, "second");
        using var pair = SSHKeyPair.Generate();
        await pair.SaveAsync(second, Token);
        await using var server = await OpenSshServer.StartAsync(new() { Configuration = ["AuthenticationMethods publickey,publickey"], AuthorizedKeys = [pair.PublicKey] }, Token);
        await using (var both = await Connected.ToAsync(server, options => options with { Credentials = [.. options.Credentials, SSHCredential.KeyFile(second)] }))
            Assert.Equal("in", (await both.RunAsync("printf in", cancellationToken: Token)).Stdout);
        Assert.Equal(ErrorCodes.SshAuthentication, (await Assert.ThrowsAsync<SSHException>(() => Connected.ToAsync(server))).Code);
    }

    [Fact]
    public async Task FIDO_key_of_an_agent_lets_its_user_in()
    {
        await using var token = new SoftwareTokenAgent();
        await using var server = await OpenSshServer.StartAsync(new() { AuthorizedKeys = [token.PublicKey] }, Token);
        await using var ssh = await Connected.ToAsync(server, options => options with { Credentials = [SSHCredential.Agent(token.SocketPath)] });
        Assert.Equal("in", (await ssh.RunAsync("printf in", cancellationToken: Token)).Stdout);
        Assert.Contains(server.Log, static line => line.Contains("Accepted publickey", StringComparison.Ordinal) && line.Contains("ECDSA-SK", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Server_that_offers_only_what_is_broken_is_refused_and_reached_when_asked_for()
    {
        await using var old = await OpenSshServer.StartAsync(new() { Configuration = ["KexAlgorithms diffie-hellman-group14-sha1", "Ciphers aes128-cbc", "MACs hmac-sha1"] }, Token);
        var error = await Assert.ThrowsAsync<SSHException>(() => Connected.ToAsync(old));
        Assert.Equal(ErrorCodes.SshProtocol, error.Code);
        await Assert.ThrowsAsync<SSHException>(() => Connected.ToAsync(old, options => options with { Algorithms = SSHAlgorithms.Compatible }));
        await using var ssh = await Connected.ToAsync(old, options => options with { Algorithms = SSHAlgorithms.Legacy });
        Assert.Equal(("aes128-cbc", "hmac-sha1"), (ssh.Facts!.Encryption, ssh.Facts.Integrity));
        Assert.Equal("old\n", (await ssh.RunAsync("echo old", cancellationToken: Token)).Stdout);
    }

    [Theory]
    [InlineData("aes128-gcm@openssh.com")]
    [InlineData("aes256-gcm@openssh.com")]
    [InlineData("chacha20-poly1305@openssh.com")]
    [InlineData("aes256-ctr")]
    public async Task Each_safe_cipher_carries_data_over_new_keys(string cipher)
    {
        await using var server = await OpenSshServer.StartAsync(new() { Configuration = [$"Ciphers {cipher}"] }, Token);
        await using var ssh = await Connected.ToAsync(server, options => options with { RekeyBytes = 1 << 20 });
        var bytes = new byte[8_000_000];
        new Random(3).NextBytes(bytes);
        var result = await ssh.RunAsync("cat", new() { StandardInput = new MemoryStream(bytes) }, Token);
        Assert.True(result.StdoutBytes.Span.SequenceEqual(bytes));
        Assert.Equal(cipher, ssh.Facts!.Encryption);
    }

    [Fact]
    public async Task Keys_are_agreed_on_anew_when_the_server_wants_it()
    {
        await using var server = await OpenSshServer.StartAsync(new() { Configuration = ["RekeyLimit 3M", "LogLevel DEBUG1"] }, Token);
        await using var ssh = await Connected.ToAsync(server);
        Assert.Equal(20_000_000, (await ssh.RunAsync("head -c 20000000 /dev/zero", new() { MaxOutputBytes = 20_000_000 }, Token)).StdoutBytes.Length);
        Assert.InRange(server.Log.Count(line => line.Contains("rekeying out")), 5, 50);
    }

    [Fact]
    public async Task Denied_address_is_never_dialled()
    {
        var error = await Assert.ThrowsAsync<PolicyException>(() => Connected.ToAsync(_server, options => options with { Transport = new() { Policy = EgressPolicy.PublicInternetOnly } }));
        Assert.Equal(ErrorCodes.PolicyDenied, error.Code);
        Assert.DoesNotContain(_server.Log, line => line.Contains("Connection from"));
    }

    [Fact]
    public async Task Nobody_there_is_a_connection_error_with_its_attempts()
    {
        var port = _server.Port;
        _server.Kill();
        var error = await Assert.ThrowsAsync<ConnectionException>(() => Connected.ToAsync(_server, options => options with { Retry = new() { Retries = 0 } }));
        Assert.Equal(ErrorCodes.TcpRefused, error.Code);
        Assert.Contains(error.Attempts, attempt => attempt.Address == $"127.0.0.1:{port}");
    }

    [Fact]
    public async Task Silent_server_is_a_timeout_of_the_handshake()
    {
        using var silent = new TcpListener(IPAddress.Loopback, 0);
        silent.Start();
        var error = await Assert.ThrowsAsync<NetworkTimeoutException>(() => Connected.ToAsync(_server, options => options with
        {
            Port = ((IPEndPoint)silent.LocalEndpoint).Port,
            Retry = new() { Retries = 0 },
            Timeouts = new() { FirstByte = TimeSpan.FromMilliseconds(300) },
        }));
        Assert.Equal((ErrorCodes.TimeoutFirstByte, NetworkPhase.Handshake), (error.Code, error.Phase));
    }

    [Fact]
    public async Task Cancelled_connecting_stops_at_once()
    {
        using var silent = new TcpListener(IPAddress.Loopback, 0);
        silent.Start();
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(Token);
        stop.CancelAfter(200);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() =>
            SSHClient.ConnectAsync("127.0.0.1", "u", options: Connected.Options(_server) with { Port = ((IPEndPoint)silent.LocalEndpoint).Port }, cancellationToken: stop.Token));
    }

    [Fact]
    public async Task Dead_link_is_noticed_by_keep_alive()
    {
        await using var relay = new StallingRelay(_server.Port);
        await using var ssh = await Connected.ToAsync(_server, options => options with
        {
            Transport = new() { DialOver = relay.DialAsync },
            KeepAlive = new() { Interval = TimeSpan.FromMilliseconds(100), Unanswered = 2 },
        });
        Assert.Equal("up\n", (await ssh.RunAsync("sleep 0.7; echo up", cancellationToken: Token)).Stdout);
        var waiting = ssh.RunAsync("sleep 600", cancellationToken: Token);
        relay.Stall();
        var error = await Assert.ThrowsAsync<SSHException>(() => waiting.WaitAsync(TimeSpan.FromSeconds(30), Token));
        Assert.Equal((ErrorCodes.SshDisconnected, WasSent.Maybe), (error.Code, error.WasSent));
        Assert.True(ssh.ConnectionLost.IsCancellationRequested || !ssh.IsConnected);
    }

    [Fact]
    public async Task Lost_connection_fails_once_and_is_made_again_only_where_asked_for()
    {
        await using var plain = await Connected.ToAsync(_server);
        await using var again = await Connected.ToAsync(_server, options => options with { Reconnect = true });
        await Task.WhenAll(((SSHClient[])[plain, again]).Select(async ssh => await Assert.ThrowsAsync<SSHException>(() => ssh.RunAsync("kill -9 $PPID; sleep 600", cancellationToken: Token))));
        var lost = await Assert.ThrowsAsync<SSHException>(() => plain.RunAsync("echo no", cancellationToken: Token));
        Assert.Contains("Reconnect", lost.Hint);
        Assert.Equal("yes\n", (await again.RunAsync("echo yes", cancellationToken: Token)).Stdout);
    }

    [Fact]
    public async Task Pool_shares_connections_and_closes_those_that_nobody_uses()
    {
        await using var pool = new SSHPool(Connected.Options(_server), TimeSpan.FromMilliseconds(200));
        SSHClient client;
        using (var one = await pool.RentAsync(_server.Host, _server.User, cancellationToken: Token))
        using (var two = await pool.RentAsync(_server.Host, _server.User, cancellationToken: Token))
        {
            Assert.Same(one.Client, two.Client);
            client = one.Client;
            Assert.Equal("pooled\n", (await client.RunAsync("echo pooled", cancellationToken: Token)).Stdout);
        }
        await Assert.ThrowsAsync<TaskCanceledException>(() => Task.Delay(Timeout.Infinite, client.ConnectionLost));
        Assert.Equal(0, pool.Count);
        Assert.Single(_server.Log, line => line.Contains("Accepted publickey"));
    }

    [Fact]
    public async Task Fleet_says_of_each_host_what_came_of_it()
    {
        await using var second = await OpenSshServer.StartAsync(new() { HostKeyFiles = _server.HostKeyFiles, AuthorizedKeys = [await File.ReadAllTextAsync(_server.KeyFile + ".pub", Token)] }, Token);
        var options = Connected.Options(_server) with { HostKeys = new HostKeyTrust { KnownHostsFiles = [_server.KnownHostsFile, second.KnownHostsFile] }, Retry = new() { Retries = 0 } };
        var fleet = new SSHFleet(_server.User, options, parallel: 2);
        var results = new Dictionary<string, SSHFleetResult<SSHCommandResult>>();
        await foreach (var result in fleet.RunAsync([$"127.0.0.1:{_server.Port}", $"127.0.0.1:{second.Port}", "127.0.0.1:1"], "echo $SSH_CONNECTION", cancellationToken: Token))
            results[result.Host] = result;
        Assert.EndsWith($"{_server.Port}\n", results[$"127.0.0.1:{_server.Port}"].Value!.Stdout);
        Assert.EndsWith($"{second.Port}\n", results[$"127.0.0.1:{second.Port}"].Value!.Stdout);
        Assert.Equal(ErrorCodes.TcpRefused, results["127.0.0.1:1"].Error!.Code);
    }

    [Fact]
    public async Task Disposing_ends_what_runs_and_leaves_no_session_behind()
    {
        var ssh = await Connected.ToAsync(_server);
        var running = ssh.RunAsync("sleep 600", cancellationToken: Token);
        await using var process = await ssh.StartAsync("cat", cancellationToken: Token);
        await ssh.DisposeAsync();
        Assert.Equal(ErrorCodes.SshDisconnected, (await Assert.ThrowsAsync<SSHException>(() => running)).Code);
        await _server.LoggedAsync("Disconnected from user", Token);
        await Assert.ThrowsAsync<ObjectDisposedException>(() => ssh.RunAsync("true", cancellationToken: Token));
    }

    /// <summary>A connection to the server that stops carrying anything, without ending.</summary>
    private sealed class StallingRelay(int port) : IAsyncDisposable
    {
        private readonly CancellationTokenSource _stall = new();
        private StalledStream? _stream;

        public async ValueTask<Stream> DialAsync(Endpoint endpoint, CancellationToken cancellationToken)
        {
            var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
            await socket.ConnectAsync(new IPEndPoint(IPAddress.Loopback, port), cancellationToken);
            return _stream = new StalledStream(new NetworkStream(socket, ownsSocket: true), _stall.Token);
        }

        public void Stall() => _stall.Cancel();

        public async ValueTask DisposeAsync()
        {
            if (_stream is not null)
                await _stream.DisposeAsync();
            _stall.Dispose();
        }
    }

    private sealed class StalledStream(Stream inner, CancellationToken stall) : Stream
    {
        private readonly TaskCompletionSource<int> _never = new();

        public override bool CanRead => true;

        public override bool CanWrite => true;

        public override bool CanSeek => false;

        public override long Length => throw new NotSupportedException();

        public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

        public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            try
            {
                using var either = CancellationTokenSource.CreateLinkedTokenSource(stall, cancellationToken);
                return await inner.ReadAsync(buffer, either.Token);
            }
            catch (OperationCanceledException) when (stall.IsCancellationRequested)
            {
                return await _never.Task.WaitAsync(cancellationToken);
            }
        }

        public override async ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
        {
            if (!stall.IsCancellationRequested)
                await inner.WriteAsync(buffer, cancellationToken);
        }

        public override void Flush()
        {
        }

        public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();

        protected override void Dispose(bool disposing)
        {
            _never.TrySetException(new IOException("disposed"));
            inner.Dispose();
            base.Dispose(disposing);
        }
    }
}
