using Codomyrmex.Networking.Ssh;
using Codomyrmex.Networking.Testing;

namespace Codomyrmex.Networking.Tests.Integration.Ssh;

public sealed class TreeTests : IAsyncLifetime
{
    private OpenSshServer _server = null!;
    private SSHClient _ssh = null!;
    private SftpFileSystem _files = null!;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _server = await OpenSshServer.StartAsync(cancellationToken: Token);
        _ssh = await Connected.ToAsync(_server);
        _files = await _ssh.OpenSftpAsync(Token);
    }

    public async ValueTask DisposeAsync()
    {
        await _ssh.DisposeAsync();
        await _server.DisposeAsync();
    }

    [Fact]
    public async Task Directory_goes_up_and_comes_down_with_a_filter()
    {
        Make("from", "a.txt", "b.log", "sub/c.txt", "sub/deep/d.txt", "skip/e.txt");
        Directory.CreateDirectory(At("from/empty"));
        File.CreateSymbolicLink(At("from/link"), "/etc/passwd");
        var reports = new Reports();
        var options = new SftpTreeOptions { Filter = name => name != "skip/" && !name.EndsWith(".log", StringComparison.Ordinal), Transfer = new() { Progress = reports } };
        var sent = await _files.UploadDirectoryAsync(At("from"), At("to/new"), options, Token);
        Assert.Equal((3, 1), (sent.Files, sent.Skipped));
        Assert.Equal(sent.Bytes, reports.Last.Bytes);
        Assert.Equal(["a.txt", "empty/", "sub/", "sub/c.txt", "sub/deep/", "sub/deep/d.txt"], Tree("to/new"));
        Assert.Equal("sub/deep/d.txt", await File.ReadAllTextAsync(At("to/new/sub/deep/d.txt"), Token));
        var fetched = await _files.DownloadDirectoryAsync(At("to/new"), At("back"), cancellationToken: Token);
        Assert.Equal(3, fetched.Files);
        Assert.Equal(Tree("to/new"), Tree("back"));
    }

    [Fact]
    public async Task Two_thousand_small_files_go_up_eight_at_a_time()
    {
        Make("from", [.. Enumerable.Range(0, 2000).Select(i => $"{i % 20}/{i}")]);
        var sent = await _files.UploadDirectoryAsync(At("from"), At("to"), cancellationToken: Token);
        Assert.Equal(2000, sent.Files);
        Assert.Equal(Tree("from"), Tree("to"));
    }

    [Fact]
    public async Task Sync_sends_what_differs_and_deletes_what_is_gone()
    {
        Make("from", "same", "changed", "sub/new");
        var first = await _files.SyncToAsync(At("from"), At("to"), cancellationToken: Token);
        Assert.Equal((3, 0), (first.Files, first.Unchanged));
        await File.WriteAllTextAsync(At("from/changed"), "now longer than before", Token);
        Make("to", "gone", "old/x");
        var second = await _files.SyncToAsync(At("from"), At("to"), new() { Delete = true }, Token);
        Assert.Equal((1, 2, 2), (second.Files, second.Unchanged, second.Deleted));
        Assert.Equal(Tree("from"), Tree("to"));
        Assert.Equal("now longer than before", await File.ReadAllTextAsync(At("to/changed"), Token));
        Make("here", "extra");
        var back = await _files.SyncFromAsync(At("to"), At("here"), new() { Delete = true }, Token);
        Assert.Equal((3, 1), (back.Files, back.Deleted));
        Assert.Equal(Tree("to"), Tree("here"));
        Assert.Equal((0, 3), await _files.SyncFromAsync(At("to"), At("here"), cancellationToken: Token) is var again ? (again.Files, again.Unchanged) : default);
    }

    [Fact]
    public async Task Names_with_every_odd_character_stay_what_they_are()
    {
        string[] names = ["-rf", "a b", "quote'\"", "back\\slash", "new\nline", "star*", "$(id)", "ünïcödé", "\u001b[31m"];
        Make("from", names);
        await _files.UploadDirectoryAsync(At("from"), At("to"), new() { Transfer = new() { Verify = true } }, Token);
        await _files.DownloadDirectoryAsync(At("to"), At("back"), new() { Transfer = new() { Verify = true } }, Token);
        Assert.Equal(Tree("from"), Tree("back"));
        Assert.All(names, name => Assert.Equal(name, File.ReadAllText(At("back/" + name))));
    }

    private void Make(string folder, params string[] names)
    {
        foreach (var name in names)
        {
            Directory.CreateDirectory(Path.GetDirectoryName(At($"{folder}/{name}"))!);
            File.WriteAllText(At($"{folder}/{name}"), name);
        }
    }

    private List<string> Tree(string folder) =>
        [.. new DirectoryInfo(At(folder)).EnumerateFileSystemInfos("*", SearchOption.AllDirectories).Select(info => Path.GetRelativePath(At(folder), info.FullName) + (info is DirectoryInfo ? "/" : "")).Order(StringComparer.Ordinal)];

    private string At(string name) => Path.Combine(_server.Folder, name);
}
