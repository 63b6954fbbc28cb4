using System.Security.Cryptography;
using Codomyrmex.Networking.Testing;

namespace Codomyrmex.Networking.Tests.Integration.Ssh;

public sealed class SftpFaultTests : IAsyncLifetime
{
    private const int Size = 64 * 1024 * 1024;

    private OpenSshServer _server = null!;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => _server = await OpenSshServer.StartAsync(cancellationToken: Token);

    public ValueTask DisposeAsync() => _server.DisposeAsync();

    [Fact]
    public async Task Upload_whose_server_is_killed_goes_on_in_a_later_run()
    {
        var bytes = RandomNumberGenerator.GetBytes(Size);
        await File.WriteAllBytesAsync(At("local"), bytes, Token);
        await using (var ssh = await Connected.ToAsync(_server))
        {
            var kill = new Reports { OnValue = done => { if (done.Bytes > Size / 2) KillSessions(); } };
            var error = await Assert.ThrowsAnyAsync<NetworkException>(() => ssh.UploadAsync(At("local"), At("there"), new() { Progress = kill, ProgressInterval = TimeSpan.Zero }, Token));
            Assert.Equal((ErrorCodes.SshDisconnected, true), (error.Code, error.IsTransient));
            Assert.Contains("Resume", error.Hint);
            Assert.False(ssh.IsConnected);
            Assert.False(File.Exists(At("there")));
        }
        await using var again = await Connected.ToAsync(_server);
        var result = await again.UploadAsync(At("local"), At("there"), new() { Resume = true, Verify = true }, Token);
        Assert.True(result.ResumedFrom > 0, "Nothing was taken over.");
        Assert.Equal(Convert.ToHexStringLower(SHA256.HashData(bytes)), result.Sha256);
        Assert.Equal(bytes, await File.ReadAllBytesAsync(At("there"), Token));
        Assert.Equal(["local", "there"], Directory.GetFileSystemEntries(_server.Folder).Select(Path.GetFileName).Order());
    }

    [Fact]
    public async Task Download_whose_server_is_killed_goes_on_in_a_later_run()
    {
        var bytes = RandomNumberGenerator.GetBytes(Size);
        await File.WriteAllBytesAsync(At("there"), bytes, Token);
        await using (var ssh = await Connected.ToAsync(_server))
        {
            var kill = new Reports { OnValue = done => { if (done.Bytes > Size / 2) KillSessions(); } };
            var error = await Assert.ThrowsAnyAsync<NetworkException>(() => ssh.DownloadAsync(At("there"), At("local"), new() { Progress = kill, ProgressInterval = TimeSpan.Zero }, Token));
            Assert.Equal(ErrorCodes.SshDisconnected, error.Code);
            Assert.Contains("Resume", error.Hint);
        }
        await using var again = await Connected.ToAsync(_server);
        var result = await again.DownloadAsync(At("there"), At("local"), new() { Resume = true, Verify = true }, Token);
        Assert.True(result.ResumedFrom > 0, "Nothing was taken over.");
        Assert.Equal(bytes, await File.ReadAllBytesAsync(At("local"), Token));
        Assert.Equal(["local", "there"], Directory.GetFileSystemEntries(_server.Folder).Select(Path.GetFileName).Order());
    }

    [Fact]
    public async Task Client_that_reconnects_finishes_the_download_in_one_call()
    {
        var bytes = RandomNumberGenerator.GetBytes(Size);
        await File.WriteAllBytesAsync(At("there"), bytes, Token);
        await using var ssh = await Connected.ToAsync(_server, options => options with { Reconnect = true });
        var kills = 0;
        var kill = new Reports { OnValue = done => { if (done.Bytes > Size / 2 && Interlocked.Exchange(ref kills, 1) == 0) KillSessions(); } };
        var result = await ssh.DownloadAsync(At("there"), At("local"), new() { Progress = kill, ProgressInterval = TimeSpan.Zero, Verify = true }, Token);
        Assert.Equal(1, kills);
        Assert.Equal(Convert.ToHexStringLower(SHA256.HashData(bytes)), result.Sha256);
    }

    [Fact]
    public async Task Journal_of_another_file_is_not_taken_over()
    {
        await File.WriteAllBytesAsync(At("local"), RandomNumberGenerator.GetBytes(Size), Token);
        await using (var ssh = await Connected.ToAsync(_server))
        {
            var kill = new Reports { OnValue = done => { if (done.Bytes > Size / 2) KillSessions(); } };
            await Assert.ThrowsAnyAsync<NetworkException>(() => ssh.UploadAsync(At("local"), At("there"), new() { Progress = kill, ProgressInterval = TimeSpan.Zero }, Token));
        }
        var bytes = RandomNumberGenerator.GetBytes(Size);
        await File.WriteAllBytesAsync(At("local"), bytes, Token);
        await using var again = await Connected.ToAsync(_server);
        var result = await again.UploadAsync(At("local"), At("there"), new() { Resume = true, Verify = true }, Token);
        Assert.Equal((0, Convert.ToHexStringLower(SHA256.HashData(bytes))), (result.ResumedFrom, result.Sha256));
        Assert.Equal(["local", "there"], Directory.GetFileSystemEntries(_server.Folder).Select(Path.GetFileName).Order());
    }

    [Theory]
    [InlineData(".part")]
    [InlineData(".codonet-resume")]
    [System.Runtime.Versioning.UnsupportedOSPlatform("windows")]
    public async Task Unfinished_file_that_others_could_write_is_not_taken_over(string ending)
    {
        var bytes = RandomNumberGenerator.GetBytes(Size);
        await File.WriteAllBytesAsync(At("local"), bytes, Token);
        await using (var ssh = await Connected.ToAsync(_server))
        {
            var kill = new Reports { OnValue = done => { if (done.Bytes > Size / 2) KillSessions(); } };
            await Assert.ThrowsAnyAsync<NetworkException>(() => ssh.UploadAsync(At("local"), At("there"), new() { Progress = kill, ProgressInterval = TimeSpan.Zero }, Token));
        }
        // As one that somebody else has put there, with bytes of his own.
        File.SetUnixFileMode(Assert.Single(Directory.GetFiles(_server.Folder, ".*" + ending)), (UnixFileMode)0b110_110_110);
        await using var again = await Connected.ToAsync(_server);
        var result = await again.UploadAsync(At("local"), At("there"), new() { Resume = true }, Token);
        Assert.Equal(0, result.ResumedFrom);
        Assert.Equal(bytes, await File.ReadAllBytesAsync(At("there"), Token));
    }

    [Fact]
    public async Task Full_disk_of_the_server_is_an_error_and_leaves_no_file_of_the_name()
    {
        var disk = Directory.CreateDirectory(At("disk")).FullName;
        Run("mount", "-t", "tmpfs", "-o", "size=4m", "tmpfs", disk);
        try
        {
            await File.WriteAllBytesAsync(At("local"), RandomNumberGenerator.GetBytes(8 * 1024 * 1024), Token);
            await using var ssh = await Connected.ToAsync(_server);
            var error = await Assert.ThrowsAsync<SftpException>(() => ssh.UploadAsync(At("local"), disk + "/there", cancellationToken: Token));
            Assert.Equal(ErrorCodes.SftpFailure, error.Code);
            Assert.Contains("the disk there is full", error.Message);
            Assert.Contains("--resume", error.Hint);
            Assert.False(File.Exists(disk + "/there"));
            Run("mount", "-o", "remount,size=32m", disk);
            var result = await ssh.UploadAsync(At("local"), disk + "/there", new() { Resume = true, Verify = true }, Token);
            Assert.Equal(8 * 1024 * 1024, result.Bytes);
            Assert.Single(Directory.GetFileSystemEntries(disk));
        }
        finally
        {
            Run("umount", disk);
        }
    }

    [Fact]
    public async Task File_that_changes_while_it_is_fetched_is_not_published()
    {
        await File.WriteAllBytesAsync(At("there"), new byte[Size], Token);
        await using var ssh = await Connected.ToAsync(_server);
        var change = new Reports { OnValue = done => { if (done.Bytes is > 0 and < Size) File.SetLastWriteTimeUtc(At("there"), new DateTime(2030, 1, 1, 0, 0, (int)(done.Bytes / (8 * 1024 * 1024)), DateTimeKind.Utc)); } };
        var error = await Assert.ThrowsAnyAsync<NetworkException>(() => ssh.DownloadAsync(At("there"), At("local"), new() { Progress = change, ProgressInterval = TimeSpan.Zero }, Token));
        Assert.Equal(ErrorCodes.TransferChanged, error.Code);
        Assert.False(File.Exists(At("local")));
    }

    [Fact]
    public async Task File_that_is_cut_while_it_is_fetched_is_an_error()
    {
        await File.WriteAllBytesAsync(At("there"), new byte[Size], Token);
        await using var ssh = await Connected.ToAsync(_server);
        var cut = new Reports { OnValue = done => { if (done.Bytes is > Size / 8 and < Size) Cut(At("there"), Size / 4); } };
        var error = await Assert.ThrowsAnyAsync<NetworkException>(() => ssh.DownloadAsync(At("there"), At("local"), new() { Progress = cut, ProgressInterval = TimeSpan.Zero }, Token));
        Assert.Contains(error.Code, (string[])[ErrorCodes.SftpTruncated, ErrorCodes.TransferChanged]);
        Assert.False(File.Exists(At("local")));
    }

    // The sessions of the server, as a crash of theirs: the listener stays.
    private void KillSessions()
    {
        foreach (var child in File.ReadAllText($"/proc/{_server.ProcessId}/task/{_server.ProcessId}/children").Split(' ', StringSplitOptions.RemoveEmptyEntries))
        {
            using var process = System.Diagnostics.Process.GetProcessById(int.Parse(child, System.Globalization.CultureInfo.InvariantCulture));
            process.Kill(entireProcessTree: true);
        }
    }

    private static void Cut(string path, long length)
    {
        using var file = new FileStream(path, FileMode.Open, FileAccess.Write, FileShare.ReadWrite);
        file.SetLength(length);
    }

    private static void Run(string program, params string[] arguments)
    {
        using var process = System.Diagnostics.Process.Start(program, arguments);
        process.WaitForExit();
        Assert.Equal(0, process.ExitCode);
    }

    private string At(string name) => Path.Combine(_server.Folder, name);
}
