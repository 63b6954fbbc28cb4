using Azure.Core.Pipeline;
using Azure.Storage;
using Azure.Storage.Blobs;
using Codomyrmex.Networking.Tests.Integration.Fixtures;
using Codomyrmex.Networking.Tests.Interop.Fixtures;

namespace Codomyrmex.Networking.Tests.Interop;

/// <summary>Azure's SDK for blobs sending through ours, to Azurite, with its own signatures.</summary>
public class AzureTests
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    private static BlobServiceClient Blobs(SdkClient sdk, string url)
    {
        var options = new BlobClientOptions { Transport = new HttpClientTransport(sdk.Http) };
        options.Retry.MaxRetries = 0;
        return new BlobServiceClient(new Uri(url), new StorageSharedKeyCredential(AzuriteServer.Account, Convert.ToBase64String(AzuriteServer.Key)), options);
    }

    [Fact]
    public async Task Blob_is_written_in_blocks_listed_read_as_a_stream_and_in_a_range()
    {
        await using var server = await AzuriteServer.StartAsync();
        await using var sdk = new SdkClient();
        var container = Blobs(sdk, server.Url).GetBlobContainerClient("box");
        await container.CreateAsync(cancellationToken: Stop);
        var bytes = new byte[3_000_000];
        new Random(1).NextBytes(bytes);
        var blob = container.GetBlobClient("a b/ü.bin");
        await blob.UploadAsync(new MemoryStream(bytes), new Azure.Storage.Blobs.Models.BlobUploadOptions { TransferOptions = new() { MaximumTransferSize = 1_000_000, InitialTransferSize = 1_000_000 } }, Stop);
        var names = new List<string>();
        await foreach (var item in container.GetBlobsAsync(cancellationToken: Stop))
            names.Add(item.Name);
        Assert.Equal(["a b/ü.bin"], names);
        await using var read = await blob.OpenReadAsync(cancellationToken: Stop);
        var copy = new MemoryStream();
        await read.CopyToAsync(copy, Stop);
        Assert.Equal(bytes, copy.ToArray());
        using var part = await blob.DownloadStreamingAsync(new Azure.Storage.Blobs.Models.BlobDownloadOptions { Range = new Azure.HttpRange(10, 5) }, Stop) is { Value: var value } ? value : null;
        var five = new byte[5];
        await part!.Content.ReadExactlyAsync(five, Stop);
        Assert.Equal(bytes[10..15], five);
    }

    [Fact]
    public async Task Status_stays_the_sdks_own_error_and_a_failure_holds_ours()
    {
        await using var server = await AzuriteServer.StartAsync();
        await using var sdk = new SdkClient();
        var missing = await Assert.ThrowsAsync<Azure.RequestFailedException>(() => Blobs(sdk, server.Url).GetBlobContainerClient("none").GetBlobClient("x").DownloadContentAsync(Stop));
        Assert.Equal(404, missing.Status);
        await using var denied = new SdkClient(SdkClient.PublicOnly);
        var error = await Assert.ThrowsAnyAsync<Exception>(() => Blobs(denied, server.Url).GetBlobContainerClient("box").CreateAsync(cancellationToken: Stop));
        Assert.Equal(ErrorCodes.PolicyDenied, SdkClient.Ours<PolicyException>(error).Code);
        var refused = await Assert.ThrowsAnyAsync<Exception>(() => Blobs(sdk, "http://127.0.0.1:9/account1").GetBlobContainerClient("box").CreateAsync(cancellationToken: Stop));
        Assert.Equal(ErrorCodes.TcpRefused, SdkClient.Ours<ConnectionException>(refused).Code);
    }

    [Fact]
    public async Task Limit_on_a_body_holds_with_our_error_inside()
    {
        await using var server = await AzuriteServer.StartAsync();
        await using var sdk = new SdkClient();
        await using var tiny = new SdkClient(SdkClient.Tiny);
        await Blobs(sdk, server.Url).CreateBlobContainerAsync("box", cancellationToken: Stop);
        await Blobs(sdk, server.Url).GetBlobContainerClient("box").UploadBlobAsync("x", BinaryData.FromBytes(new byte[1000]), Stop);
        var error = await Assert.ThrowsAnyAsync<Exception>(() => Blobs(tiny, server.Url).GetBlobContainerClient("box").GetBlobClient("x").DownloadContentAsync(Stop));
        Assert.Equal(ErrorCodes.HttpTooLarge, SdkClient.Ours<NetworkException>(error).Code);
    }
}
