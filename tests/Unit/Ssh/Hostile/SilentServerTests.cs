using System.Buffers;
using Codomyrmex.Networking.Ssh;
using Codomyrmex.Networking.Ssh.Internal;
using Codomyrmex.Networking.Ssh.Protocol;

namespace Codomyrmex.Networking.Tests.Unit.Ssh.Hostile;

/// <summary>Servers of files that fall silent, and callers who do not wait for them.</summary>
public sealed class SilentServerTests : IDisposable
{
    private const byte Close = 4;
    private const byte Read = 5;
    private const byte Write = 6;
    private const byte ReadDirectory = 12;
    private const byte Stat = 17;

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    private readonly TemporaryDirectory _folder = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Bytes_of_a_write_that_was_given_up_are_never_those_of_somebody_else()
    {
        var givenUp = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var late = new List<byte>();
        var isOver = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var server = HostileServer.StartAfterLogin(async peer =>
        {
            SftpPeer? files = null;
            files = new SftpPeer(peer)
            {
                // The third block is stuck in the middle.
                Window = 80_000,
                Instead = async (kind, _) =>
                {
                    if (kind != Write)
                        return false;
                    await givenUp.Task;
                    await peer.SendAsync(new WireWriter().Byte(93).UInt32(files!.Channel).UInt32(1 << 20));
                    byte[] message;
                    while ((message = await peer.ReceiveAsync())[0] != 97)
                    {
                        if (message[0] == 94)
                            late.AddRange(message.AsSpan(9));
                    }
                    isOver.SetResult();
                    return true;
                },
            };
            await files.ServeAsync();
        });
        await using var client = await server.ConnectAsync(Impatient(server));
        var error = await Assert.ThrowsAsync<NetworkTimeoutException>(() => client.UploadAsync(Local(400_000), "/file", new() { Overwrite = true }, Token).WaitAsync(Patience, Token));
        Assert.Equal(ErrorCodes.TimeoutIdle, error.Code);
        // What others do with the memory of the shared pool, on any of its threads.
        await Task.WhenAll(Enumerable.Range(0, 16).Select(_ => Task.Run(() =>
        {
            for (var i = 0; i < 8; i++)
                Array.Fill(ArrayPool<byte>.Shared.Rent(32 * 1024), (byte)'S');
        }, Token)));
        givenUp.SetResult();
        await isOver.Task.WaitAsync(Patience, Token);
        Assert.DoesNotContain((byte)'S', late);
    }

    [Fact]
    public async Task Upload_is_cancelled_though_the_server_takes_nothing()
    {
        var stuck = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var server = HostileServer.StartAfterLogin(peer => new SftpPeer(peer) { Window = 80_000, Instead = (kind, _) => Silence(peer, kind is Write, stuck) }.ServeAsync());
        await using var client = await server.ConnectAsync(Impatient(server) with { Timeouts = Timeouts.Default with { FirstByte = TimeSpan.FromSeconds(1) } });
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(Token);
        var upload = client.UploadAsync(Local(400_000), "/file", new() { Overwrite = true }, stop.Token);
        await stuck.Task.WaitAsync(Patience, Token);
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => upload.WaitAsync(Patience, Token));
    }

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

    [Fact]
    public async Task Read_that_was_cancelled_goes_on_where_it_was()
    {
        var content = System.Security.Cryptography.RandomNumberGenerator.GetBytes(100_000);
        var (asked, answer) = (new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously), new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously));
        await using var server = HostileServer.StartAfterLogin(peer => new SftpPeer(peer)
        {
            StatedSize = content.Length,
            Read = (offset, count) => offset >= content.Length ? [] : content.AsSpan((int)offset, Math.Min(Math.Min(count, 7777), content.Length - (int)offset)).ToArray(),
            Instead = async (kind, _) =>
            {
                if (kind == Read)
                {
                    asked.TrySetResult();
                    await answer.Task;
                }
                return false;
            },
        }.ServeAsync());
        await using var client = await server.ConnectAsync();
        await using var files = await client.OpenSftpAsync(Token);
        await using var stream = await files.OpenReadAsync("/file", Token);
        for (var i = 0; i < 2; i++)
        {
            using var stop = CancellationTokenSource.CreateLinkedTokenSource(Token);
            var reading = stream.ReadAsync(new byte[1000], stop.Token).AsTask();
            await asked.Task.WaitAsync(Patience, Token);
            await stop.CancelAsync();
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => reading.WaitAsync(Patience, Token));
        }
        answer.SetResult();
        using var all = new MemoryStream();
        await stream.CopyToAsync(all, Token).WaitAsync(Patience, Token);
        Assert.Equal(content, all.ToArray());
    }

    [Fact]
    public async Task Cancelled_read_leaves_no_hole_behind_a_short_answer()
    {
        var content = System.Security.Cryptography.RandomNumberGenerator.GetBytes(40_000);
        await using var server = HostileServer.StartAfterLogin(peer => new SftpPeer(peer)
        {
            StatedSize = content.Length,
            Read = (offset, count) => content.AsSpan((int)offset, Math.Min(count, offset == 0 ? 777 : count)).ToArray(),
        }.ServeAsync());
        await using var client = await server.ConnectAsync();
        await using var files = await client.OpenSftpAsync(Token);
        var file = await files.OpenAsync("/file", SftpOpenMode.Read, null, Token);
        await using var stream = new SftpReadStream(files, file, 0, content.Length, content.Length);
        using var all = new MemoryStream();
        var buffer = new byte[500];
        all.Write(buffer, 0, await stream.ReadAsync(buffer, Token));
        // The rest of the first answer is at hand; what the server left out of it is still to be asked for.
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => stream.ReadAsync(buffer, new CancellationToken(canceled: true)).AsTask());
        await stream.CopyToAsync(all, Token).WaitAsync(Patience, Token);
        Assert.Equal(content, all.ToArray());
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

    private string Local(int size)
    {
        var path = Path.Combine(_folder.Path, "local");
        File.WriteAllBytes(path, new byte[size]);
        return path;
    }
}
