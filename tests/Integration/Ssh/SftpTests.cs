using System.Security.Cryptography;
using Codomyrmex.Networking.Ssh;
using Codomyrmex.Networking.Testing;

namespace Codomyrmex.Networking.Tests.Integration.Ssh;

[System.Runtime.Versioning.SupportedOSPlatform("linux")]
public sealed class SftpTests : IAsyncLifetime
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
    public async Task Full_basic_set_does_what_it_says()
    {
        var folder = At("a/b/c");
        await _files.CreateDirectoryAsync(folder, parents: true, cancellationToken: Token);
        await _files.CreateDirectoryAsync(folder, parents: true, cancellationToken: Token);
        await using (var file = await _files.OpenAsync(folder + "/f", SftpOpenMode.Read | SftpOpenMode.Write | SftpOpenMode.Create, UnixFileMode.UserRead | UnixFileMode.UserWrite, Token))
        {
            await file.WriteAsync("hello world"u8.ToArray(), 0, Token);
            await file.WriteAsync("W"u8.ToArray(), 6, Token);
            var bytes = new byte[100];
            Assert.Equal(5, await file.ReadAsync(bytes.AsMemory(0, 5), 6, Token));
            Assert.Equal("World"u8.ToArray(), bytes[..5]);
            Assert.Equal(0, await file.ReadAsync(bytes, 11, Token));
            await file.SetAttributesAsync(new() { Size = 5 }, Token);
            Assert.Equal(5, (await file.GetAttributesAsync(Token)).Size);
        }
        Assert.Equal("hello", await File.ReadAllTextAsync(folder + "/f", Token));
        var time = new DateTimeOffset(2020, 2, 3, 4, 5, 6, TimeSpan.Zero);
        await _files.SetAttributesAsync(folder + "/f", new() { Mode = 0b110_100_000, Modified = time }, cancellationToken: Token);
        Assert.Equal((UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead, time.UtcDateTime), (File.GetUnixFileMode(folder + "/f"), File.GetLastWriteTimeUtc(folder + "/f")));
        await _files.RenameAsync(folder + "/f", folder + "/g", cancellationToken: Token);
        await _files.CreateSymbolicLinkAsync(folder + "/link", "g", Token);
        Assert.Equal("g", await _files.ReadLinkAsync(folder + "/link", Token));
        Assert.Equal(SftpFileKind.SymbolicLink, (await _files.GetAttributesAsync(folder + "/link", followLinks: false, Token)).Kind);
        Assert.Equal(SftpFileKind.File, (await _files.GetAttributesAsync(folder + "/link", cancellationToken: Token)).Kind);
        Assert.Equal(await _files.GetRealPathAsync(folder, Token), await _files.GetRealPathAsync(At("a/./b//../b/c"), Token));
        var names = new List<string>();
        await foreach (var entry in _files.ListAsync(folder, Token))
            names.Add($"{entry.Name} {entry.Kind}");
        Assert.Equal(["g File", "link SymbolicLink"], names.Order());
        Assert.Null(await _files.FindAsync(folder + "/nothing", cancellationToken: Token));
        await _files.DeleteAsync(folder + "/link", Token);
        await _files.DeleteDirectoryAsync(At("a"), recursive: true, Token);
        Assert.False(Directory.Exists(At("a")));
    }

    [Fact]
    public async Task Extensions_of_openssh_are_used()
    {
        await File.WriteAllTextAsync(At("f"), "12345", Token);
        await _files.CreateHardLinkAsync(At("hard"), At("f"), Token);
        Assert.Equal("12345", await File.ReadAllTextAsync(At("hard"), Token));
        await _files.CopyAsync(At("f"), At("copy"), Token);
        Assert.Equal("12345", await File.ReadAllTextAsync(At("copy"), Token));
        var space = await _files.GetSpaceAsync(At(""), Token);
        Assert.True(space.TotalBytes > space.FreeBytes && space.FreeBytes > 0 && space.LongestName == 255);
        Assert.Equal(261_120, _files.Limits.ReadBytes);
        File.CreateSymbolicLink(At("link"), "f");
        await _files.SetAttributesAsync(At("link"), new() { Modified = new DateTimeOffset(2001, 1, 1, 0, 0, 0, TimeSpan.Zero) }, followLinks: false, Token);
        Assert.Equal(2001, new FileInfo(At("link")).LastWriteTimeUtc.Year);
        Assert.NotEqual(2001, new FileInfo(At("f")).LastWriteTimeUtc.Year);
        await File.WriteAllTextAsync(At("g"), "other", Token);
        await _files.RenameAsync(At("g"), At("f"), overwrite: true, Token);
        Assert.Equal("other", await File.ReadAllTextAsync(At("f"), Token));
        Assert.Equal(await _files.GetRealPathAsync(".", Token), await _files.ExpandPathAsync("~", Token));
        await using var file = await _files.OpenAsync(At("f"), SftpOpenMode.Write, cancellationToken: Token);
        await file.SyncAsync(Token);
    }

    [Fact]
    public async Task Refusals_say_what_was_asked_and_why()
    {
        var missing = await Assert.ThrowsAsync<SftpException>(() => _files.GetAttributesAsync(At("nothing"), cancellationToken: Token));
        Assert.Equal((ErrorCodes.SftpNoSuchFile, WasSent.Yes), (missing.Code, missing.WasSent));
        Assert.Contains("nothing", missing.Message);
        Directory.CreateDirectory(At("full/x"));
        Assert.Equal(ErrorCodes.SftpFailure, (await Assert.ThrowsAsync<SftpException>(() => _files.DeleteDirectoryAsync(At("full"), cancellationToken: Token))).Code);
        await File.WriteAllTextAsync(At("here"), "x", Token);
        Assert.Equal(ErrorCodes.SftpExists, (await Assert.ThrowsAsync<SftpException>(() => _ssh.UploadAsync(At("here"), At("here"), cancellationToken: Token))).Code);
        Assert.Equal(ErrorCodes.LocalExists, (await Assert.ThrowsAsync<NetworkException>(() => _ssh.DownloadAsync(At("here"), At("here"), cancellationToken: Token))).Code);
        Assert.Equal(ErrorCodes.LocalIo, (await Assert.ThrowsAsync<NetworkException>(() => _ssh.UploadAsync(At("none"), At("to"), cancellationToken: Token))).Code);
        await Assert.ThrowsAsync<ArgumentException>(() => _files.GetAttributesAsync("a\0b", cancellationToken: Token));
        // Told in the caller's names, not in those that a file has until it is whole.
        var nowhere = await Assert.ThrowsAsync<SftpException>(() => _ssh.UploadAsync(At("here"), At("no/such/place"), cancellationToken: Token));
        Assert.Equal(ErrorCodes.SftpNoSuchFile, nowhere.Code);
        Assert.Contains($"there is no directory '{At("no/such")}'", nowhere.Message);
        Assert.Contains("Make the directory", nowhere.Hint);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(32768)]
    [InlineData(261_120)]
    [InlineData(30_000_001)]
    public async Task File_of_any_size_goes_up_and_comes_down_the_same(int size)
    {
        var bytes = RandomNumberGenerator.GetBytes(size);
        await File.WriteAllBytesAsync(At("local"), bytes, Token);
        Directory.CreateDirectory(At("there"));
        var reports = new Reports();
        var sent = await _ssh.UploadAsync(At("local"), At("there"), new() { Verify = true, Progress = reports, PreserveTimes = true }, Token);
        Assert.Equal((At("there/local"), size, 0L, Convert.ToHexStringLower(SHA256.HashData(bytes))), (sent.RemotePath, sent.Bytes, sent.ResumedFrom, sent.Sha256));
        Assert.Equal(new TransferProgress(size, size), reports.Last);
        Assert.Equal(File.GetUnixFileMode(At("local")), File.GetUnixFileMode(At("there/local")));
        Assert.True((File.GetLastWriteTimeUtc(At("local")) - File.GetLastWriteTimeUtc(At("there/local"))).Duration() < TimeSpan.FromSeconds(1));
        var fetched = await _ssh.DownloadAsync(At("there/local"), At("back"), new() { Verify = true }, Token);
        Assert.Equal((size, sent.Sha256), (fetched.Bytes, fetched.Sha256));
        Assert.Equal(bytes, await File.ReadAllBytesAsync(At("back"), Token));
        Assert.Single(Directory.GetFileSystemEntries(At("there")));
    }

    [Fact]
    public async Task Many_calls_share_one_session()
    {
        for (var i = 0; i < 50; i++)
            await File.WriteAllTextAsync(At($"{i}"), $"{i}", Token);
        var read = await Task.WhenAll(Enumerable.Range(0, 50).Select(async i =>
        {
            await using var stream = await _files.OpenReadAsync(At($"{i}"), Token);
            return await new StreamReader(stream).ReadToEndAsync(Token);
        }));
        Assert.Equal(Enumerable.Range(0, 50).Select(i => $"{i}"), read);
    }

    [Fact]
    public async Task Cancelled_call_leaves_the_session_usable()
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(Token);
        await File.WriteAllBytesAsync(At("big"), new byte[50_000_000], Token);
        var progress = new Reports { OnReport = stop.Cancel };
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => _ssh.DownloadAsync(At("big"), At("part"), new() { Progress = progress, ProgressInterval = TimeSpan.Zero }, stop.Token));
        Assert.False(File.Exists(At("part")));
        Assert.Equal(50_000_000, (await _ssh.DownloadAsync(At("big"), At("part"), new() { Resume = true }, Token)).Bytes);
    }

    [Fact]
    public async Task Server_for_files_alone_verifies_by_reading_back()
    {
        await using var server = await OpenSshServer.StartAsync(new() { Configuration = ["ForceCommand internal-sftp"] }, Token);
        await using var ssh = await Connected.ToAsync(server);
        var bytes = RandomNumberGenerator.GetBytes(400_000);
        await File.WriteAllBytesAsync(At("local"), bytes, Token);
        var sent = await ssh.UploadAsync(At("local"), At("there"), new() { Verify = true }, Token);
        Assert.Equal(Convert.ToHexStringLower(SHA256.HashData(bytes)), sent.Sha256);
    }

    [Fact]
    public async Task Verifying_waits_for_no_place_that_the_files_themselves_hold()
    {
        await using var ssh = await Connected.ToAsync(_server, options => options with { MaxSessions = 1 });
        var bytes = RandomNumberGenerator.GetBytes(400_000);
        await File.WriteAllBytesAsync(At("local"), bytes, Token);
        var sent = await ssh.UploadAsync(At("local"), At("there"), new() { Verify = true }, Token).WaitAsync(TimeSpan.FromSeconds(20), Token);
        var fetched = await ssh.DownloadAsync(At("there"), At("back"), new() { Verify = true }, Token).WaitAsync(TimeSpan.FromSeconds(20), Token);
        Assert.Equal((Convert.ToHexStringLower(SHA256.HashData(bytes)), sent.Sha256), (sent.Sha256, fetched.Sha256));
    }

    [Fact]
    [System.Runtime.Versioning.UnsupportedOSPlatform("windows")]
    public async Task New_file_does_not_run_as_its_sender_because_the_old_one_did()
    {
        await File.WriteAllTextAsync(At("local"), "new", Token);
        await File.WriteAllTextAsync(At("there"), "old", Token);
        File.SetUnixFileMode(At("there"), UnixFileMode.SetUser | UnixFileMode.SetGroup | (UnixFileMode)0b111_101_101);
        await _ssh.UploadAsync(At("local"), At("there"), new() { Overwrite = true }, Token);
        Assert.Equal((UnixFileMode)0b111_101_101, File.GetUnixFileMode(At("there")));
        // Nor because it does so here; whoever asks for it gets it.
        File.SetUnixFileMode(At("local"), UnixFileMode.SetUser | (UnixFileMode)0b111_101_101);
        await _ssh.UploadAsync(At("local"), At("other"), new(), Token);
        Assert.Equal((UnixFileMode)0b111_101_101, File.GetUnixFileMode(At("other")));
        await _ssh.UploadAsync(At("local"), At("asked"), new() { Permissions = UnixFileMode.SetUser | (UnixFileMode)0b111_101_101 }, Token);
        Assert.Equal(UnixFileMode.SetUser | (UnixFileMode)0b111_101_101, File.GetUnixFileMode(At("asked")));
    }

    [Fact]
    public async Task Glob_and_walk_are_sequences()
    {
        foreach (var name in (string[])["x/one.txt", "x/two.log", "x/sub/three.txt", "x/sub/deep/four.txt", "x/.hidden/five.txt", "x/[odd].txt"])
        {
            Directory.CreateDirectory(Path.GetDirectoryName(At(name))!);
            await File.WriteAllTextAsync(At(name), name, Token);
        }
        Assert.Equal(["[odd].txt", "one.txt"], await NamesAsync(_files.GlobAsync(At("x/*.txt"), Token)));
        Assert.Equal(["[odd].txt"], await NamesAsync(_files.GlobAsync(At(@"x/\[odd].txt"), Token)));
        Assert.Equal(["[odd].txt", "four.txt", "one.txt", "three.txt"], await NamesAsync(_files.GlobAsync(At("x/**/*.txt"), Token)));
        Assert.Equal(["three.txt"], await NamesAsync(_files.GlobAsync(At("x/s?b/[st]*.txt"), Token)));
        Assert.Equal(["one.txt"], await NamesAsync(_files.GlobAsync(At("x/one.txt"), Token)));
        Assert.Empty(await NamesAsync(_files.GlobAsync(At("x/none*/y"), Token)));
        var all = await NamesAsync(_files.WalkAsync(At("x"), entry => entry.Name != "sub", Token));
        Assert.Equal([".hidden", "[odd].txt", "five.txt", "one.txt", "sub", "two.log"], all);
    }

    private static async Task<List<string>> NamesAsync(IAsyncEnumerable<SftpEntry> entries)
    {
        var names = new List<string>();
        await foreach (var entry in entries)
            names.Add(entry.Name);
        return [.. names.Order(StringComparer.Ordinal)];
    }

    private string At(string name) => name.Length == 0 ? _server.Folder : Path.Combine(_server.Folder, name);
}
