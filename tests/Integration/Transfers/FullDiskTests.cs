using System.Security.Cryptography;
using Codomyrmex.Networking.Http;
using Codomyrmex.Networking.Testing;
using Codomyrmex.Networking.Tests.Integration.Fixtures;

namespace Codomyrmex.Networking.Tests.Integration.Transfers;

/// <summary>A disk that is full before the file is whole.</summary>
public sealed class FullDiskTests : IDisposable
{
    private const int Size = 6 * 1024 * 1024;

    private readonly SmallDisk _disk = new(kilobytes: 4 * 1024);

    private string Target => Path.Combine(_disk.Folder, "file");

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public void Dispose() => _disk.Dispose();

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

        _disk.Resize(kilobytes: 16 * 1024);
        var result = await client.DownloadAsync($"{server.Url}range/{Size}", Target, new() { Resume = true }, Stop);
        var expected = new byte[Size];
        for (var i = 0; i < Size; i++)
            expected[i] = (byte)('a' + (i % 26));
        Assert.Equal(Convert.ToHexStringLower(SHA256.HashData(expected)), result.Sha256);
        Assert.True(result.ResumedFrom > 0, "Nothing was kept.");
        Assert.Equal(expected, await File.ReadAllBytesAsync(Target, Stop));
        Assert.Single(Directory.GetFiles(_disk.Folder));
    }

    [Fact]
    public async Task Room_for_all_segments_is_taken_before_they_are_fetched()
    {
        await using var server = LabEndpoints.MapTo(LoopbackServer.Start());
        using var client = new HTTPClient();
        var error = await Assert.ThrowsAsync<NetworkException>(() => client.DownloadAsync($"{server.Url}range/{Size}", Target, new() { Parallel = 4 }, Stop));
        Assert.Equal(ErrorCodes.LocalIo, error.Code);
        Assert.Single(server.Requests);
        Assert.Empty(Directory.GetFiles(_disk.Folder));
    }
}
