using System.Collections.Concurrent;
using Codomyrmex.Networking.Ssh.Protocol;

namespace Codomyrmex.Networking.Tests.Unit.Ssh.Hostile;

/// <summary>A small file leaves in one go; what is wrong with it is noticed all the same, before it has its name.</summary>
public sealed class UploadTests : IDisposable
{
    private const byte Write = 6;
    private const byte Remove = 13;
    private const byte Rename = 18;

    private readonly TemporaryDirectory _folder = new();
    private readonly ConcurrentQueue<byte> _asked = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Everything_about_a_small_file_is_asked_before_the_first_answer()
    {
        SftpPeer? files = null;
        var held = new List<uint>();
        await using var server = HostileServer.StartAfterLogin(peer => (files = new SftpPeer(peer)
        {
            StatedSize = 5,
            Instead = async (kind, id) =>
            {
                _asked.Enqueue(kind);
                // Nothing of the file is answered until it is asked to be closed.
                if (kind is not (Write or 8 or 10 or 4))
                    return false;
                held.Add(id);
                if (kind != 4)
                    return true;
                await StatusAsync(files!, held[0], 0);
                await files!.ReplyAsync(new WireWriter().Byte(105).UInt32(held[1]).UInt32(1).UInt64(5));
                await StatusAsync(files!, held[2], 0);
                await StatusAsync(files!, held[3], 0);
                return true;
            },
        }).ServeAsync());
        await using var client = await server.ConnectAsync();
        var sent = await client.UploadAsync(Local("12345"), "/file", new() { Overwrite = true }, Token).WaitAsync(TimeSpan.FromSeconds(30), Token);
        Assert.Equal(5, sent.Bytes);
        Assert.Equal(4, held.Count);
        Assert.Contains(Rename, _asked);
    }

    [Fact]
    public async Task Bytes_that_the_server_does_not_take_are_the_reason_and_nothing_has_the_name()
    {
        SftpPeer? files = null;
        await using var server = HostileServer.StartAfterLogin(peer => (files = new SftpPeer(peer)
        {
            StatedSize = 5,
            Instead = async (kind, id) =>
            {
                _asked.Enqueue(kind);
                if (kind != Write)
                    return false;
                await StatusAsync(files!, id, 4);
                return true;
            },
        }).ServeAsync());
        await using var client = await server.ConnectAsync();
        var error = await Assert.ThrowsAsync<SftpException>(() => client.UploadAsync(Local("12345"), "/file", new() { Overwrite = true }, Token).WaitAsync(TimeSpan.FromSeconds(30), Token));
        Assert.Equal(ErrorCodes.SftpFailure, error.Code);
        Assert.Contains("written", error.Message);
        Assert.DoesNotContain(Rename, _asked);
        Assert.Contains(Remove, _asked);
    }

    [Fact]
    public async Task Small_file_of_another_size_there_is_a_mismatch_and_is_deleted()
    {
        await using var server = HostileServer.StartAfterLogin(peer => new SftpPeer(peer) { StatedSize = 4, Instead = (kind, _) => { _asked.Enqueue(kind); return Task.FromResult(false); } }.ServeAsync());
        await using var client = await server.ConnectAsync();
        var error = await Assert.ThrowsAnyAsync<NetworkException>(() => client.UploadAsync(Local("12345"), "/file", new() { Overwrite = true }, Token).WaitAsync(TimeSpan.FromSeconds(30), Token));
        Assert.Equal(ErrorCodes.TransferMismatch, error.Code);
        Assert.DoesNotContain(Rename, _asked);
        Assert.Contains(Remove, _asked);
    }

    [Fact]
    public async Task File_that_exists_is_not_replaced_and_leaves_nothing_behind()
    {
        await using var server = HostileServer.StartAfterLogin(peer => new SftpPeer(peer) { Instead = (kind, _) => { _asked.Enqueue(kind); return Task.FromResult(false); } }.ServeAsync());
        await using var client = await server.ConnectAsync();
        var error = await Assert.ThrowsAsync<SftpException>(() => client.UploadAsync(Local("12345"), "/file", cancellationToken: Token).WaitAsync(TimeSpan.FromSeconds(30), Token));
        Assert.Equal(ErrorCodes.SftpExists, error.Code);
        // The new file was asked for together with the question: it is closed and gone again.
        Assert.Equal((1, 1, 0), (_asked.Count(kind => kind == 4), _asked.Count(kind => kind == Remove), _asked.Count(kind => kind is Write or Rename)));
    }

    private string Local(string content)
    {
        var path = Path.Combine(_folder.Path, "local");
        File.WriteAllText(path, content);
        return path;
    }

    private static ValueTask StatusAsync(SftpPeer files, uint id, uint code) => files.ReplyAsync(new WireWriter().Byte(101).UInt32(id).UInt32(code).Text("as asked").Text(""));
}
