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
    public async Task Wrong_key_is_refused()
    {
        await using var server = await AzuriteServer.StartAsync();
        using var client = new HTTPClient(Calls.Options with { Credential = Credential.Signed(new SharedKeySigner(AzuriteServer.Account, new byte[64])) });
        using var response = await client.PutAsync(server.Url + "box?restype=container", cancellationToken: Stop);
        Assert.Equal(403, response.Status);
    }
}
