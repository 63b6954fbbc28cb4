using Amazon.Runtime;
using Amazon.S3;
using Amazon.S3.Model;
using Codomyrmex.Networking.Testing;
using Codomyrmex.Networking.Tests.Integration.Fixtures;
using Codomyrmex.Networking.Tests.Interop.Fixtures;

namespace Codomyrmex.Networking.Tests.Interop;

/// <summary>Amazon's SDK for S3 sending through ours, to s3rver, with its own signatures.</summary>
public class AmazonTests
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    private static AmazonS3Client S3(SdkClient sdk, Uri server, int retries = 0) => new(new BasicAWSCredentials("S3RVER", "S3RVER"), new AmazonS3Config
    {
        ServiceURL = server.ToString(),
        ForcePathStyle = true,
        AuthenticationRegion = "us-east-1",
        HttpClientFactory = new Always(sdk.Http),
        MaxErrorRetry = retries,
        ThrottleRetries = false,
        // s3rver knows signed requests, and not the checksums that newer SDKs put behind a body.
        RequestChecksumCalculation = RequestChecksumCalculation.WHEN_REQUIRED,
        ResponseChecksumValidation = ResponseChecksumValidation.WHEN_REQUIRED,
    });

    [Fact]
    public async Task Object_is_put_listed_read_and_deleted()
    {
        await using var server = await S3Server.StartAsync();
        await using var sdk = new SdkClient();
        using var s3 = S3(sdk, new Uri(server.Url));
        await s3.PutBucketAsync("box", Stop);
        var bytes = new byte[200_000];
        new Random(1).NextBytes(bytes);
        await s3.PutObjectAsync(new PutObjectRequest { BucketName = "box", Key = "a b/ü.bin", InputStream = new MemoryStream(bytes), DisablePayloadSigning = false, UseChunkEncoding = false }, Stop);
        var listed = await s3.ListObjectsV2Async(new ListObjectsV2Request { BucketName = "box" }, Stop);
        Assert.Equal(("a b/ü.bin", bytes.Length), (listed.S3Objects[0].Key, listed.S3Objects[0].Size));
        using (var got = await s3.GetObjectAsync("box", "a b/ü.bin", Stop))
        {
            var copy = new MemoryStream();
            await got.ResponseStream.CopyToAsync(copy, Stop);
            Assert.Equal(bytes, copy.ToArray());
        }
        await s3.DeleteObjectAsync("box", "a b/ü.bin", Stop);
        var missing = await Assert.ThrowsAsync<NoSuchKeyException>(() => s3.GetObjectAsync("box", "none", Stop));
        Assert.Equal("NoSuchKey", missing.ErrorCode);
    }

    [Fact]
    public async Task Policy_denies_a_forbidden_target_with_our_error_inside()
    {
        await using var sdk = new SdkClient(SdkClient.PublicOnly);
        using var s3 = S3(sdk, new Uri("http://169.254.169.254/"));
        var error = await Assert.ThrowsAnyAsync<Exception>(() => s3.GetObjectAsync("box", "key", Stop));
        Assert.Equal(ErrorCodes.PolicyDenied, SdkClient.Ours<PolicyException>(error).Code);
    }

    [Fact]
    public async Task Broken_body_ends_in_our_error()
    {
        await using var server = LoopbackServer.Start().MapStatic("GET", "/box/key", new byte[1000]).Inject(Fault.Reset(after: 500));
        await using var sdk = new SdkClient();
        using var s3 = S3(sdk, server.Url);
        var error = await Assert.ThrowsAnyAsync<Exception>(async () =>
        {
            using var got = await s3.GetObjectAsync("box", "key", Stop);
            await got.ResponseStream.CopyToAsync(Stream.Null, Stop);
        });
        Assert.Equal(ErrorCodes.TcpReset, SdkClient.Ours<ConnectionException>(error).Code);
    }

    [Fact]
    public async Task Retries_are_the_sdks_alone_and_not_multiplied()
    {
        await using var server = LoopbackServer.Start().Map("GET", "/box/key", exchange => exchange.RespondAsync(503));
        await using var sdk = new SdkClient();
        using var s3 = S3(sdk, server.Url, retries: 1);
        await Assert.ThrowsAsync<AmazonS3Exception>(() => s3.GetObjectAsync("box", "key", Stop));
        Assert.Equal(2, server.Requests.Count);
    }

    private sealed class Always(HttpClient http) : HttpClientFactory
    {
        public override HttpClient CreateHttpClient(IClientConfig clientConfig) => http;

        public override bool DisposeHttpClientsAfterUse(IClientConfig clientConfig) => false;

        public override bool UseSDKHttpClientCaching(IClientConfig clientConfig) => false;
    }
}
