using System.Security.Cryptography;
using Codomyrmex.Networking.Http;
using Codomyrmex.Networking.Testing;
using Codomyrmex.Networking.Tests.Integration.Fixtures;
using Codomyrmex.Networking.Tests.Integration.Http;

namespace Codomyrmex.Networking.Tests.Integration.Transfers;

/// <summary>Files from nginx, which knows ranges, validators and HTTP/2.</summary>
public sealed class NginxTransferTests : IAsyncLifetime
{
    private readonly TestCertificateAuthority _authority = new();
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("codonet-transfer-");
    private NginxServer? _server;

    private NginxServer Server => _server!;

    private string Target => Path.Combine(_folder.FullName, "large.bin");

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    private static byte[] Content
    {
        get
        {
            var bytes = new byte[NginxServer.LargeBytes];
            new Random(1).NextBytes(bytes);
            return bytes;
        }
    }

    public async ValueTask InitializeAsync() => _server = await NginxServer.StartAsync(_authority);

    public async ValueTask DisposeAsync()
    {
        if (_server is not null)
            await _server.DisposeAsync();
        _authority.Dispose();
        _folder.Delete(recursive: true);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(4)]
    public async Task File_of_nginx_arrives_over_http1_and_http2(int parallel)
    {
        using var client = new HTTPClient(Calls.Trusting(_authority.Root));
        foreach (var url in (string[])[Server.Plain, Server.Tls12, Server.Tls13])
        {
            var result = await client.DownloadAsync(url + "large.bin", Target, new() { Parallel = parallel, Overwrite = true }, Stop);
            Assert.Equal(Convert.ToHexStringLower(SHA256.HashData(Content)), result.Sha256);
            Assert.StartsWith("\"", result.ETag);
        }
        Assert.Single(_folder.GetFiles());
    }

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    public async Task Cancelled_download_is_resumed_with_the_ranges_of_nginx(int parallel)
    {
        using var client = new HTTPClient(Calls.Trusting(_authority.Root));
        using var cancel = CancellationTokenSource.CreateLinkedTokenSource(Stop);
        var progress = new After(300_000, cancel);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => client.DownloadAsync(Server.Plain + "slow", Target, new() { Progress = progress, ProgressInterval = TimeSpan.Zero, Parallel = parallel }, cancel.Token));
        // The same file without its brake is another URL: nothing of it is taken over.
        var other = await client.DownloadAsync(Server.Plain + "large.bin", Target + "2", new() { Resume = true }, Stop);
        Assert.Equal(0, other.ResumedFrom);

        using var again = CancellationTokenSource.CreateLinkedTokenSource(Stop);
        var second = new After(600_000, again);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => client.DownloadAsync(Server.Plain + "slow", Target, new() { Resume = true, Progress = second, ProgressInterval = TimeSpan.Zero }, again.Token));
        Assert.True(second.First >= 300_000, $"{second.First}");
    }

    [Fact]
    public async Task Upload_that_nginx_refuses_is_an_error()
    {
        await File.WriteAllBytesAsync(Target, new byte[100_000], Stop);
        using var client = new HTTPClient(Calls.Trusting(_authority.Root));
        var error = await Assert.ThrowsAnyAsync<NetworkException>(() => client.UploadAsync(Server.Plain + "upload", Target, cancellationToken: Stop));
        Assert.True(error is HTTPException { Status: 413 } or ConnectionException, error.ToString());
    }

    /// <summary>Cancels when so many bytes are there.</summary>
    private sealed class After(long bytes, CancellationTokenSource cancel) : IProgress<TransferProgress>
    {
        public long First { get; private set; } = -1;

        public void Report(TransferProgress value)
        {
            if (First < 0)
                First = value.Bytes;
            if (value.Bytes >= bytes)
                cancel.Cancel();
        }
    }
}
