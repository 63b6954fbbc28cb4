using System.Text.Json;
using Codomyrmex.Networking.Http;
using Codomyrmex.Networking.Testing;
using Codomyrmex.Networking.Tests.Integration.Fixtures;

namespace Codomyrmex.Networking.Tests.Integration.Http;

/// <summary>AWS signatures: against AWS's own signer, and in use with an S3 server.</summary>
public class AwsSignatureTests
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    private static AwsSignatureOptions Key(string service) => new() { AccessKey = S3Server.Key, SecretKey = S3Server.Key, Region = "eu-central-1", Service = service };

    [Theory]
    [InlineData("s3")]
    [InlineData("sqs")]
    public async Task Signatures_are_those_that_awss_own_signer_makes(string service)
    {
        await using var server = LoopbackServer.Start();
        server.Map("*", "/{**rest}", exchange => exchange.RespondAsync(200));
        using var client = new HTTPClient(Calls.Options with { Credential = Credential.AwsSignature(Key(service)) });
        foreach (var path in new[] { "", "a/b.txt", "a%20b/%C3%A4?x=1", "a+b(c)!'~*?list-type=2&prefix=a%2Fb%20c&empty", "k?b=2&a=1&a=0&A=9", "t%24e%26s%40t=%3B%3A.txt" })
        {
            (await client.GetAsync(server.Url + path, cancellationToken: Stop)).Dispose();
            (await client.PutAsync(server.Url + path, RequestBody.Text($"body of {path}"), cancellationToken: Stop)).Dispose();
        }
        var requests = server.Requests.Select(request => Described(service, server.Url, request));
        var expected = JsonSerializer.Deserialize<string[]>(await NodeServers.RunAsync("sign.mjs", JsonSerializer.Serialize(requests), Stop));
        Assert.Equal(expected, server.Requests.Select(request => request.Headers["Authorization"]));
    }

    [Fact]
    public async Task Objects_are_put_listed_read_in_part_and_deleted_with_signed_requests()
    {
        await using var server = await S3Server.StartAsync();
        using var client = new HTTPClient(Calls.Options with { BaseUrl = server.Url, Credential = Credential.AwsSignature(Key("s3")) });
        var path = Path.GetTempFileName();
        try
        {
            await File.WriteAllTextAsync(path, "streamed from a file", Stop);
            (await client.PutAsync("bucket/a%20folder/file.txt", RequestBody.File(path), cancellationToken: Stop)).EnsureSuccess().Dispose();
        }
        finally
        {
            File.Delete(path);
        }
        (await client.PutAsync("bucket/b", RequestBody.Text("b"), cancellationToken: Stop)).EnsureSuccess().Dispose();
        using var list = await client.GetAsync("bucket?list-type=2", cancellationToken: Stop);
        Assert.Contains("<Key>a folder/file.txt</Key>", list.EnsureSuccess().Text);
        using var part = await client.GetAsync("bucket/a%20folder/file.txt", new RequestOptions { Headers = new HeaderMap { ["Range"] = "bytes=0-7" } }, Stop);
        Assert.Equal((206, "streamed"), (part.Status, part.Text));
        Assert.Equal(204, (await client.DeleteAsync("bucket/b", cancellationToken: Stop)).Status);
        Assert.Equal(404, (await client.GetAsync("bucket/b", cancellationToken: Stop)).Status);
    }

    [Fact]
    public async Task Wrong_key_is_refused_and_a_server_that_is_gone_is_an_ordinary_failure()
    {
        await using var server = await S3Server.StartAsync();
        using var client = new HTTPClient(Calls.Options with { Credential = Credential.AwsSignature(Key("s3") with { AccessKey = "unknown" }) });
        Assert.Equal(403, (await client.GetAsync(server.Url + "bucket/a", cancellationToken: Stop)).Status);
        server.Kill();
        var error = await Calls.FailureAsync(server.Url + "bucket/a", Calls.Options with { Credential = Credential.AwsSignature(Key("s3")) });
        Assert.Equal((ErrorCodes.TcpRefused, WasSent.Never), (error.Code, error.WasSent));
    }

    private static object Described(string service, Uri server, RecordedRequest request)
    {
        var date = request.Headers["X-Amz-Date"]!;
        var signed = request.Headers["Authorization"]!.Split("SignedHeaders=")[1].Split(',')[0].Split(';');
        var query = new Dictionary<string, object>();
        foreach (var pair in request.Target.Split('?', 2).ElementAtOrDefault(1)?.Split('&').GroupBy(pair => pair.Split('=')[0], pair => Uri.UnescapeDataString(pair.Split('=', 2).ElementAtOrDefault(1) ?? "")) ?? [])
            query[Uri.UnescapeDataString(pair.Key)] = pair.Count() == 1 ? pair.Single() : pair.ToArray();
        return new
        {
            service,
            region = "eu-central-1",
            accessKeyId = S3Server.Key,
            secretAccessKey = S3Server.Key,
            date = $"{date[..4]}-{date[4..6]}-{date[6..11]}:{date[11..13]}:{date[13..]}",
            request = new
            {
                method = request.Method,
                protocol = "http:",
                hostname = server.Host,
                port = server.Port,
                path = service == "s3" ? AsAwsWrites(request.Path) : request.Path,
                query,
                headers = signed.Where(name => name != "x-amz-date" && name != "x-amz-content-sha256").ToDictionary(name => name, name => request.Headers[name]),
                body = request.Method == "PUT" ? $"body of {request.Target[1..]}" : null,
            },
        };
    }

    // Its signer takes the path as its own client has escaped it.
    private static string AsAwsWrites(string path) => string.Join('/', path.Split('/').Select(segment => Uri.EscapeDataString(Uri.UnescapeDataString(segment))));
}
