using System.Net;
using System.Net.Sockets;
using Codomyrmex.Networking.Resilience;
using Codomyrmex.Networking.Ssh;

namespace Codomyrmex.Networking.Tests.Unit.Ssh.Hostile;

/// <summary>An SSH server that a test writes message by message, so that it can do what no honest one does. It talks to one client after the other.</summary>
internal sealed class HostileServer : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _serving;

    private HostileServer(Func<HostilePeer, Task> script)
    {
        _listener.Start();
        _serving = ServeAsync(script);
    }

    public TestAuthority HostKey { get; } = new();

    public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

    /// <summary>Whether a client has asked for authentication: shown a user, a key or a password.</summary>
    public bool WasAskedForAuthentication { get; set; }

    /// <summary>Settings of a client that trusts it, without retries.</summary>
    public SSHClientOptions Options => new()
    {
        Port = Port,
        Credentials = [SSHCredential.Password("the canary")],
        HostKeys = new HostKeyTrust { KnownHostsFiles = [], PinnedFingerprints = [HostKey.Key.Fingerprint] },
        Retry = RetryOptions.Default with { Retries = 0 },
        Timeouts = Timeouts.Default with { FirstByte = TimeSpan.FromSeconds(10), Total = TimeSpan.FromSeconds(15) },
    };

    /// <summary>A server that does what a script says with each client.</summary>
    public static HostileServer Start(Func<HostilePeer, Task> script) => new(script);

    /// <summary>One that goes on after an honest handshake.</summary>
    public static HostileServer StartAfterLogin(Func<HostilePeer, Task> script) => new(async peer =>
    {
        await peer.LogInAsync();
        await script(peer);
    });

    public Task<SSHClient> ConnectAsync(SSHClientOptions? options = null) =>
        SSHClient.ConnectAsync("127.0.0.1", "ada", null, options ?? Options, TestContext.Current.CancellationToken);

    /// <summary>What connecting fails with, within a time in which nothing may hang.</summary>
    public async Task<NetworkException> RefusedAsync(SSHClientOptions? options = null) =>
        await Assert.ThrowsAnyAsync<NetworkException>(async () =>
        {
            await using var client = await ConnectAsync(options).WaitAsync(TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken);
        });

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        _listener.Stop();
        await _serving.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        HostKey.Dispose();
        _stop.Dispose();
    }

    private async Task ServeAsync(Func<HostilePeer, Task> script)
    {
        while (true)
        {
            using var socket = await _listener.AcceptSocketAsync(_stop.Token);
            using var peer = new HostilePeer(this, new NetworkStream(socket), _stop.Token);
            try
            {
                await script(peer);
                // The client hangs up, or is late to see what has been done to it.
                await peer.DrainAsync();
            }
            catch (Exception over) when (over is IOException or ObjectDisposedException or EndOfStreamException)
            {
            }
        }
    }
}
