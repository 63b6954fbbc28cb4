using Codomyrmex.Networking.Ssh;
using Codomyrmex.Networking.Ssh.Protocol;

namespace Codomyrmex.Networking.Tests.Unit.Ssh.Hostile;

/// <summary>What a server may make of the listing of a directory, and what lies in the way of it here.</summary>
public sealed class ListingTests : IDisposable
{
    private const byte ReadDirectory = 12;

    private readonly TemporaryDirectory _folder = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose() => _folder.Dispose();

    [Fact, Trait("Cve", "51")]
    public async Task Answer_without_names_is_the_end_and_not_asked_for_again()
    {
        SftpPeer? files = null;
        await using var server = HostileServer.StartAfterLogin(peer => (files = new SftpPeer(peer)
        {
            Instead = async (kind, id) =>
            {
                if (kind != ReadDirectory)
                    return false;
                await files!.ReplyAsync(new WireWriter().Byte(104).UInt32(id).UInt32(0));
                return true;
            },
        }).ServeAsync());
        await using var client = await server.ConnectAsync();
        await using var there = await client.OpenSftpAsync(Token);
        var entries = new List<SftpEntry>();
        await Task.Run(async () =>
        {
            await foreach (var entry in there.ListAsync("/dir", Token))
                entries.Add(entry);
        }, Token).WaitAsync(TimeSpan.FromSeconds(20), Token);
        Assert.Empty(entries);
        Assert.Single(files!.Asked, static asked => asked.Kind == ReadDirectory);
    }

    [Fact, Trait("Cve", "51")]
    public async Task Directory_of_too_many_names_ends_a_synchronisation()
    {
        await using var server = HostileServer.StartAfterLogin(peer => new SftpPeer(peer) { Names = [("a", false), ("b", false), ("c", false)] }.ServeAsync());
        await using var client = await server.ConnectAsync();
        await using var there = await client.OpenSftpAsync(Token);
        var error = await Assert.ThrowsAsync<SftpException>(() => there.SyncToAsync(_folder.Path, "/dir", new() { MaxEntries = 2 }, Token).WaitAsync(TimeSpan.FromSeconds(20), Token));
        Assert.Contains("MaxEntries", error.Message);
    }

    [Fact]
    public async Task File_here_where_a_directory_is_there_is_a_local_error()
    {
        await File.WriteAllTextAsync(Path.Combine(_folder.Path, "dir"), "", Token);
        await using var server = HostileServer.StartAfterLogin(peer => new SftpPeer(peer) { Names = [("dir", true)] }.ServeAsync());
        await using var client = await server.ConnectAsync();
        await using var there = await client.OpenSftpAsync(Token);
        var error = await Assert.ThrowsAnyAsync<NetworkException>(() => there.DownloadDirectoryAsync("/dir", _folder.Path, cancellationToken: Token).WaitAsync(TimeSpan.FromSeconds(20), Token));
        Assert.Equal(ErrorCodes.LocalIo, error.Code);
    }
}
