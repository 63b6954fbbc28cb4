using Codomyrmex.Networking.Ssh;

namespace Codomyrmex.Networking.Tests.Unit.Ssh.Hostile;

/// <summary>Servers of files that fall silent, and callers who do not wait for them.</summary>
public sealed class SilentServerTests
{
    private const byte Close = 4;
    private const byte ReadDirectory = 12;
    private const byte Stat = 17;

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Question_that_is_not_answered_is_given_up_and_the_next_one_finds_a_session_that_works()
    {
        await using var server = HostileServer.StartAfterLogin(async peer =>
        {
            await new SftpPeer(peer) { Instead = static (kind, _) => Task.FromResult(kind is Stat) }.ServeAsync();
            await new SftpPeer(peer).ServeAsync();
        });
        await using var client = await server.ConnectAsync(Impatient(server));
        var files = await client.FilesAsync(Token);
        var error = await Assert.ThrowsAsync<NetworkTimeoutException>(() => files.GetAttributesAsync("/file", cancellationToken: Token).WaitAsync(Patience, Token));
        Assert.Equal(ErrorCodes.TimeoutFirstByte, error.Code);
        Assert.False(files.IsOpen);
        var again = await client.FilesAsync(Token).AsTask().WaitAsync(Patience, Token);
        Assert.NotSame(files, again);
        Assert.Equal(100_000, (await again.GetAttributesAsync("/file", cancellationToken: Token).WaitAsync(Patience, Token)).Size);
    }

    [Fact]
    public async Task Question_is_cancelled_while_the_server_is_silent()
    {
        var asked = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var server = HostileServer.StartAfterLogin(peer => new SftpPeer(peer) { Instead = (kind, _) => Silence(peer, kind is Stat, asked) }.ServeAsync());
        await using var client = await server.ConnectAsync();
        var files = await client.OpenSftpAsync(Token);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(Token);
        var asking = files.GetAttributesAsync("/file", cancellationToken: stop.Token);
        await asked.Task.WaitAsync(Patience, Token);
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => asking.WaitAsync(Patience, Token));
    }

    [Fact]
    public async Task Listing_is_cancelled_while_the_server_is_silent()
    {
        var asked = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var isListed = false;
        await using var server = HostileServer.StartAfterLogin(peer => new SftpPeer(peer)
        {
            Names = [("one", false)],
            Instead = (kind, _) => Silence(peer, kind is ReadDirectory && Interlocked.Exchange(ref isListed, true), asked),
        }.ServeAsync());
        await using var client = await server.ConnectAsync(Impatient(server) with { Timeouts = Timeouts.Default with { FirstByte = TimeSpan.FromSeconds(1) } });
        await using var files = await client.OpenSftpAsync(Token);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(Token);
        var listing = Task.Run(async () =>
        {
            await foreach (var entry in files.ListAsync("/dir", stop.Token))
                Assert.Equal("one", entry.Name);
        }, Token);
        await asked.Task.WaitAsync(Patience, Token);
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => listing.WaitAsync(Patience, Token));
    }

    [Fact]
    public async Task File_is_disposed_though_the_server_is_silent_and_its_session_is_over()
    {
        await using var server = HostileServer.StartAfterLogin(static peer => new SftpPeer(peer) { Instead = static (kind, _) => Task.FromResult(kind is Close) }.ServeAsync());
        await using var client = await server.ConnectAsync(Impatient(server));
        var files = await client.OpenSftpAsync(Token);
        var file = await files.OpenAsync("/file", SftpOpenMode.Read, null, Token);
        await file.DisposeAsync().AsTask().WaitAsync(Patience, Token);
        Assert.False(files.IsOpen);
    }

    private static SSHClientOptions Impatient(HostileServer server) =>
        server.Options with { Timeouts = Timeouts.Default with { FirstByte = TimeSpan.FromSeconds(1), Idle = TimeSpan.FromSeconds(1) } };

    /// <summary>From the first request that is met by silence on, nothing is answered any more.</summary>
    private static async Task<bool> Silence(HostilePeer peer, bool begins, TaskCompletionSource hasBegun)
    {
        if (!begins)
            return false;
        hasBegun.TrySetResult();
        while (await peer.ReceiveAsync() is not [97, ..])
        {
        }
        return true;
    }
}
