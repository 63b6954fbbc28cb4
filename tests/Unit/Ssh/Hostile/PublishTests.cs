using System.Text;
using Codomyrmex.Networking.Ssh.Protocol;

namespace Codomyrmex.Networking.Tests.Unit.Ssh.Hostile;

/// <summary>A file that is replaced on a server without <c>posix-rename@openssh.com</c>, which goes wrong halfway: at each moment one whole file is there.</summary>
public sealed class PublishTests : IDisposable
{
    private const byte Remove = 13;
    private const byte Rename = 18;

    private readonly TemporaryDirectory _folder = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task File_is_replaced_and_nothing_is_left_beside_it()
    {
        var (files, error) = await ReplaceAsync(static _ => false);
        Assert.Null(error);
        Assert.Equal(["/file"], files);
    }

    [Fact]
    public async Task New_file_that_does_not_get_the_name_leaves_the_old_one_in_its_place()
    {
        var (files, error) = await ReplaceAsync(static rename => rename == 2);
        Assert.Equal(ErrorCodes.SftpFailure, error!.Code);
        Assert.Equal(["/file"], files);
    }

    [Fact]
    public async Task Where_neither_gets_the_name_both_stay_and_the_error_says_where()
    {
        var (files, error) = await ReplaceAsync(static rename => rename >= 2);
        Assert.Equal(ErrorCodes.SftpFailure, error!.Code);
        Assert.Equal(2, files.Length);
        Assert.DoesNotContain("/file", files);
        Assert.All(files, file => Assert.Contains(file, error.Hint, StringComparison.Ordinal));
    }

    [Fact]
    public async Task Old_file_that_cannot_be_moved_stays_and_the_new_one_is_taken_away()
    {
        var (files, error) = await ReplaceAsync(static rename => rename == 1);
        Assert.NotNull(error);
        Assert.Equal(["/file"], files);
    }

    /// <summary>Sends a file over one that exists; what is there afterwards.</summary>
    /// <param name="refuses">Which of the renamings is refused, counted from one.</param>
    private async Task<(string[] Files, NetworkException? Error)> ReplaceAsync(Func<int, bool> refuses)
    {
        var renamings = 0;
        SftpPeer? peer = null;
        await using var server = HostileServer.StartAfterLogin(connection => (peer = new SftpPeer(connection)
        {
            StatedSize = 5,
            Refuses = (kind, _) => kind == Rename && refuses(++renamings),
        }).ServeAsync());
        await using var client = await server.ConnectAsync();
        var local = Path.Combine(_folder.Path, "local");
        await File.WriteAllTextAsync(local, "12345", Token);
        var upload = client.UploadAsync(local, "/file", new() { Overwrite = true }, Token).WaitAsync(TimeSpan.FromSeconds(20), Token);
        var error = await Record.ExceptionAsync(() => upload);
        return ([.. Left(peer!, refuses).Order(StringComparer.Ordinal)], (NetworkException?)error);
    }

    /// <summary>What is there after all that was asked and granted.</summary>
    private static HashSet<string> Left(SftpPeer peer, Func<int, bool> refuses)
    {
        var files = new HashSet<string> { "/file" };
        var renamings = 0;
        foreach (var (kind, arguments) in peer.Asked)
        {
            if (kind == 3)
                files.Add(Names(arguments, 1)[0]);
            else if (kind == Remove)
                files.Remove(Names(arguments, 1)[0]);
            else if (kind == Rename && !refuses(++renamings) && Names(arguments, 2) is [var from, var to])
                Assert.True(files.Remove(from) && files.Add(to));
        }
        return files;
    }

    private static string[] Names(byte[] arguments, int count)
    {
        var reader = new WireReader(arguments);
        var names = new string[count];
        for (var i = 0; i < count; i++)
            names[i] = Encoding.UTF8.GetString(reader.String());
        return names;
    }
}
