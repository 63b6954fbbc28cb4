using Codomyrmex.Networking.Ssh.Protocol;

namespace Codomyrmex.Networking.Tests.Unit.Ssh.Hostile;

/// <summary>Servers that lie about their files.</summary>
public sealed class FileTests : IDisposable
{
    private readonly TemporaryDirectory _folder = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose() => _folder.Dispose();

    [Theory, Trait("Cve", "52")]
    [InlineData("../escaped")]
    [InlineData("/etc/escaped")]
    [InlineData("a/../../escaped")]
    [InlineData("with/slash")]
    [InlineData("nul\0byte")]
    [InlineData("")]
    public async Task Name_that_leaves_the_folder_is_refused_and_nothing_is_written(string name)
    {
        await using var server = Serve(peer => new SftpPeer(peer) { Names = [(name, false), ("good", false)], Read = static (offset, _) => offset == 0 ? "abc"u8.ToArray() : [] });
        await using var client = await server.ConnectAsync();
        await using var files = await client.OpenSftpAsync(Token);
        var target = Path.Combine(_folder.Path, "in", "here");
        Directory.CreateDirectory(target);
        var error = await Assert.ThrowsAsync<SftpException>(() => files.DownloadDirectoryAsync("/dir", target, cancellationToken: Token).WaitAsync(TimeSpan.FromSeconds(20), Token));
        Assert.Equal(ErrorCodes.SftpUnsafeName, error.Code);
        Assert.False(File.Exists(Path.Combine(_folder.Path, "in", "escaped")) || File.Exists(Path.Combine(_folder.Path, "escaped")) || File.Exists("/etc/escaped"));
    }

    [Fact]
    public async Task File_that_ends_before_its_size_is_an_error_and_does_not_appear()
    {
        await using var server = Serve(static peer => new SftpPeer(peer)
        {
            StatedSize = 100_000,
            Read = static (offset, count) => offset < 50_000 ? new byte[Math.Min(count, 50_000 - offset)] : [],
        });
        await using var client = await server.ConnectAsync();
        var target = Path.Combine(_folder.Path, "file");
        var error = await Assert.ThrowsAnyAsync<NetworkException>(() => client.DownloadAsync("/file", target, cancellationToken: Token).WaitAsync(TimeSpan.FromSeconds(30), Token));
        Assert.True(error.Code is ErrorCodes.SftpTruncated or ErrorCodes.TransferChanged, error.ToString());
        Assert.False(File.Exists(target));
    }

    [Fact]
    public async Task Short_reads_are_put_together()
    {
        var content = System.Security.Cryptography.RandomNumberGenerator.GetBytes(100_000);
        await using var server = Serve(peer => new SftpPeer(peer)
        {
            StatedSize = content.Length,
            Read = (offset, count) => offset >= content.Length ? [] : content.AsSpan((int)offset, Math.Min(Math.Min(count, 777), content.Length - (int)offset)).ToArray(),
        });
        await using var client = await server.ConnectAsync();
        var target = Path.Combine(_folder.Path, "file");
        var result = await client.DownloadAsync("/file", target, cancellationToken: Token).WaitAsync(TimeSpan.FromSeconds(30), Token);
        Assert.Equal(content.Length, result.Bytes);
        Assert.Equal(content, await File.ReadAllBytesAsync(target, Token));
    }

    [Theory, Trait("Cve", "51")]
    [InlineData(new byte[] { 103, 255, 255, 255, 255, 0, 0, 0, 0 })]
    [InlineData(new byte[] { 103 })]
    [InlineData(new byte[] { })]
    [InlineData(new byte[] { 250, 1, 2, 3, 4 })]
    public async Task Answer_that_makes_no_sense_is_an_error(byte[] answer)
    {
        SftpPeer? files = null;
        await using var server = Serve(peer => files = new SftpPeer(peer)
        {
            Instead = async (kind, _) =>
            {
                if (kind != 5)
                    return false;
                await files!.ReplyAsync(new WireWriter().Raw(answer));
                return true;
            },
        });
        await using var client = await server.ConnectAsync(server.Options with { Timeouts = Timeouts.Default with { FirstByte = TimeSpan.FromSeconds(3), Idle = TimeSpan.FromSeconds(3) } });
        await Assert.ThrowsAnyAsync<NetworkException>(() => client.DownloadAsync("/file", Path.Combine(_folder.Path, "file"), cancellationToken: Token).WaitAsync(TimeSpan.FromSeconds(60), Token));
        Assert.False(File.Exists(Path.Combine(_folder.Path, "file")));
    }

    [Fact, Trait("Cve", "51")]
    public async Task More_bytes_than_were_asked_for_are_an_error()
    {
        await using var server = Serve(static peer => new SftpPeer(peer) { Read = static (_, count) => new byte[count + 1000] });
        await using var client = await server.ConnectAsync();
        await Assert.ThrowsAnyAsync<NetworkException>(() => client.DownloadAsync("/file", Path.Combine(_folder.Path, "file"), cancellationToken: Token).WaitAsync(TimeSpan.FromSeconds(30), Token));
        Assert.False(File.Exists(Path.Combine(_folder.Path, "file")));
    }

    [Fact, Trait("Cve", "51")]
    public async Task Packet_of_four_gigabytes_is_an_error_before_it_is_held()
    {
        await using var server = HostileServer.StartAfterLogin(static async peer =>
        {
            var channel = await peer.AcceptCommandAsync();
            await peer.ReceiveAsync(94);
            await peer.SendDataAsync(channel, [0xFF, 0xFF, 0xFF, 0xFF, 2, 0, 0, 0, 3]);
        });
        await using var client = await server.ConnectAsync();
        await Assert.ThrowsAnyAsync<NetworkException>(() => client.OpenSftpAsync(Token).WaitAsync(TimeSpan.FromSeconds(30), Token));
    }

    [Fact, Trait("Cve", "30")]
    public async Task Transfer_that_stalls_is_given_up()
    {
        await using var server = Serve(static peer => new SftpPeer(peer) { Instead = static (kind, _) => Task.FromResult(kind == 5) });
        await using var client = await server.ConnectAsync(server.Options with { Timeouts = Timeouts.Default with { Idle = TimeSpan.FromSeconds(2), FirstByte = TimeSpan.FromSeconds(2) } });
        var error = await Assert.ThrowsAsync<NetworkTimeoutException>(() => client.DownloadAsync("/file", Path.Combine(_folder.Path, "file"), cancellationToken: Token).WaitAsync(TimeSpan.FromSeconds(60), Token));
        Assert.Equal(ErrorCodes.TimeoutIdle, error.Code);
    }

    private static HostileServer Serve(Func<HostilePeer, SftpPeer> make) => HostileServer.StartAfterLogin(peer => make(peer).ServeAsync());
}
