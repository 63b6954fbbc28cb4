using System.Diagnostics;
using System.Security.Cryptography;
using Codomyrmex.Networking.Http;
using Codomyrmex.Networking.Testing;

namespace Codomyrmex.Networking.Tests.Integration.Transfers;

/// <summary>A disk that is full before the file is whole: a small one in memory, which root mounts.</summary>
public sealed class FullDiskTests : IDisposable
{
    private const int DiskMegabytes = 4;
    private const int Size = 6 * 1024 * 1024;

    private readonly string _folder = Directory.CreateTempSubdirectory("codonet-full-").FullName;

    public FullDiskTests() => Run("mount", "-t", "tmpfs", "-o", $"size={DiskMegabytes}m", "tmpfs", _folder);

    private string Target => Path.Combine(_folder, "file");

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public void Dispose()
    {
        Run("umount", _folder);
        Directory.Delete(_folder);
    }

    [Fact]
    public async Task Full_disk_is_a_local_error_and_what_came_is_resumed_when_there_is_room()
    {
        await using var server = LabEndpoints.MapTo(LoopbackServer.Start());
        using var client = new HTTPClient();
        var error = await Assert.ThrowsAsync<NetworkException>(() => client.DownloadAsync($"{server.Url}range/{Size}", Target, cancellationToken: Stop));
        Assert.Equal((ErrorCodes.LocalIo, false), (error.Code, error.IsTransient));
        Assert.Contains("the disk is full", error.Message);
        Assert.Contains("resume", error.Hint);
        Assert.False(File.Exists(Target));

        // Still full: the same again, and nothing is lost.
        await Assert.ThrowsAsync<NetworkException>(() => client.DownloadAsync($"{server.Url}range/{Size}", Target, new() { Resume = true }, Stop));

        Run("mount", "-o", $"remount,size={DiskMegabytes * 4}m", _folder);
        var result = await client.DownloadAsync($"{server.Url}range/{Size}", Target, new() { Resume = true }, Stop);
        var expected = new byte[Size];
        for (var i = 0; i < Size; i++)
            expected[i] = (byte)('a' + (i % 26));
        Assert.Equal(Convert.ToHexStringLower(SHA256.HashData(expected)), result.Sha256);
        Assert.True(result.ResumedFrom > 0, "Nothing was kept.");
        Assert.Equal(expected, await File.ReadAllBytesAsync(Target, Stop));
        Assert.Single(Directory.GetFiles(_folder));
    }

    [Fact]
    public async Task Room_for_all_segments_is_taken_before_they_are_fetched()
    {
        await using var server = LabEndpoints.MapTo(LoopbackServer.Start());
        using var client = new HTTPClient();
        var error = await Assert.ThrowsAsync<NetworkException>(() => client.DownloadAsync($"{server.Url}range/{Size}", Target, new() { Parallel = 4 }, Stop));
        Assert.Equal(ErrorCodes.LocalIo, error.Code);
        Assert.Single(server.Requests);
        Assert.Empty(Directory.GetFiles(_folder));
    }

    private static void Run(string program, params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardError = true })!;
        var errors = process.StandardError.ReadToEnd();
        process.WaitForExit();
        if (process.ExitCode != 0)
            throw new InvalidOperationException($"{program} {string.Join(' ', arguments)}: {errors}");
    }
}
