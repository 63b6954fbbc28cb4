using Codomyrmex.Networking.Http;
using Codomyrmex.Networking.Tests.Integration.Fixtures;

namespace Codomyrmex.Networking.Tests.Integration.Http;

/// <summary>A signer of the user's own against Azurite, which checks every signature.</summary>
public class SharedKeyTests
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Blobs_are_written_listed_and_read_with_a_signer_of_the_users_own()
    {
        await using var server = await AzuriteServer.StartAsync();
        using var client = new HTTPClient(Calls.Options with { Credential = Credential.Signed(new SharedKeySigner(AzuriteServer.Account, AzuriteServer.Key)) });
        Assert.Equal(201, (await client.PutAsync(server.Url + "box?restype=container", cancellationToken: Stop)).Status);
        var block = new RequestOptions { Headers = new HeaderMap { ["x-ms-blob-type"] = "BlockBlob" } };
        Assert.Equal(201, (await client.PutAsync(server.Url + "box/a%20b.txt", RequestBody.Text("content"), block, Stop)).Status);
        using var list = await client.GetAsync(server.Url + "box?restype=container&comp=list", cancellationToken: Stop);
        Assert.Contains("<Name>a b.txt</Name>", list.EnsureSuccess().Text);
        using var blob = await client.GetAsync(server.Url + "box/a%20b.txt", cancellationToken: Stop);
        Assert.Equal("content", blob.EnsureSuccess().Text);
    }

    [Fact]
    public async Task Blobs_are_written_listed_and_read_with_the_credential_of_the_library()
    {
        await using var server = await AzuriteServer.StartAsync();
        var key = new AzureSharedKeyOptions { Account = AzuriteServer.Account, Key = Convert.ToBase64String(AzuriteServer.Key) };
        using var client = new HTTPClient(Calls.Options with { BaseUrl = server.Url, Credential = Credential.AzureSharedKey(key) });
        (await client.PutAsync("box?restype=container", options: new RequestOptions { Headers = new HeaderMap { ["x-ms-meta-owner"] = "  ada   lovelace " } }, cancellationToken: Stop)).EnsureSuccess().Dispose();
        var block = new RequestOptions { Headers = new HeaderMap { ["x-ms-blob-type"] = "BlockBlob", ["x-ms-meta-Kind"] = "text", ["Content-Language"] = "de" } };
        (await client.PutAsync("box/a%20b%2Fc%C3%A4(1).txt", RequestBody.Text("content"), block, Stop)).EnsureSuccess().Dispose();
        (await client.PutAsync("box/empty", RequestBody.Bytes(Array.Empty<byte>()), block, Stop)).EnsureSuccess().Dispose();
        using var list = await client.GetAsync("box?restype=container&comp=list&prefix=a%20b%2F&include=metadata&maxresults=5", cancellationToken: Stop);
        Assert.Contains("<Name>a b/cä(1).txt</Name>", list.EnsureSuccess().Text);
        using var part = await client.GetAsync("box/a%20b%2Fc%C3%A4(1).txt", new RequestOptions { Headers = new HeaderMap { ["Range"] = "bytes=0-2", ["If-None-Match"] = "\"other\"" } }, Stop);
        Assert.Equal((206, "con", "text"), (part.Status, part.Text, part.Headers["x-ms-meta-kind"]));
        using var missing = await client.GetAsync("box/none", cancellationToken: Stop);
        Assert.Equal((404, "BlobNotFound"), (missing.Status, missing.ErrorCode));
        Assert.Equal(202, (await client.DeleteAsync("box/empty", cancellationToken: Stop)).Status);
        using var wrong = client.With(options => options with { Credential = Credential.AzureSharedKey(key with { Key = Convert.ToBase64String(new byte[64]) }) });
        Assert.Equal(403, (await wrong.GetAsync("box/none", cancellationToken: Stop)).Status);
    }

    [Fact]
    public async Task Wrong_key_is_refused()
    {
        await using var server = await AzuriteServer.StartAsync();
        using var client = new HTTPClient(Calls.Options with { Credential = Credential.Signed(new SharedKeySigner(AzuriteServer.Account, new byte[64])) });
        using var response = await client.PutAsync(server.Url + "box?restype=container", cancellationToken: Stop);
        Assert.Equal(403, response.Status);
    }
}
