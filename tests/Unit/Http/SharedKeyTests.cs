using System.Globalization;
using Codomyrmex.Networking.Http;
using Codomyrmex.Networking.Http.Protocol;
using Codomyrmex.Networking.Testing;
using Microsoft.Extensions.Time.Testing;

namespace Codomyrmex.Networking.Tests.Unit.Http;

/// <summary>Azure's Shared Key: the documented texts, and what the client does around them.</summary>
public class SharedKeyTests
{
    private static readonly AzureSharedKeyOptions Key = new() { Account = "myaccount", Key = Convert.ToBase64String("canary-7391"u8) };

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public void Documented_request_gives_the_documented_text()
    {
        KeyValuePair<string, string>[] fields = [new("Host", "x"), new("x-ms-version", "2015-02-21"), new("X-Ms-Date", "Fri, 26 Jun 2015 23:39:12 GMT"), new("Content-Length", "0"), new("Date", "not signed")];
        Assert.Equal(
            "GET\n\n\n\n\n\n\n\n\n\n\n\nx-ms-date:Fri, 26 Jun 2015 23:39:12 GMT\nx-ms-version:2015-02-21\n/myaccount/mycontainer\ncomp:metadata\nrestype:container\ntimeout:20",
            SharedKey.StringToSign("GET", "/mycontainer", "restype=container&comp=metadata&timeout=20", fields, "myaccount"));
    }

    [Fact]
    public void Fields_are_in_their_places_trimmed_and_parameters_of_one_name_are_joined()
    {
        KeyValuePair<string, string>[] fields =
        [
            new("Content-Length", "7"), new("content-type", "text/plain"), new("Range", "bytes=0-1"), new("If-Match", "\"e\""), new("x-ms-meta-b", " two   words\t here "), new("x-ms-date", "d"), new("Content-MD5", "m"),
        ];
        Assert.Equal(
            "PUT\n\n\n7\nm\ntext/plain\n\n\n\"e\"\n\n\nbytes=0-1\nx-ms-date:d\nx-ms-meta-b:two   words\t here\n/a/a/b%20c\ninclude:deleted,metadata\nprefix:a/b c\nx:",
            SharedKey.StringToSign("PUT", "/a/b%20c", "Include=metadata&prefix=a%2Fb%20c&include=deleted&x", fields, "a"));
    }

    [Fact]
    public async Task Refusal_that_shows_another_clock_is_signed_by_it_once_more()
    {
        var clock = new FakeTimeProvider(DateTimeOffset.Parse("2026-01-02T03:04:05Z", CultureInfo.InvariantCulture));
        await using var server = LoopbackServer.Start(new LoopbackServerOptions { TimeProvider = new FakeTimeProvider(clock.GetUtcNow() - TimeSpan.FromHours(2)) });
        server.Map("GET", "/", exchange => exchange.RespondAsync(exchange.Headers["x-ms-date"] == "Fri, 02 Jan 2026 01:04:05 GMT" ? 200 : 403));
        using var client = new HTTPClient(RawAnswer.Options with { Clock = clock, Credential = Credential.AzureSharedKey(Key) });
        for (var i = 0; i < 2; i++)
            (await client.GetAsync(server.Url.ToString(), cancellationToken: Stop)).EnsureSuccess().Dispose();
        Assert.Equal(3, server.Requests.Count);
        Assert.Equal(2, server.Requests.Select(request => request.Headers["Authorization"]).Distinct().Count());
    }

    [Fact]
    public async Task Signature_goes_to_its_own_origin_alone()
    {
        await using var other = LabEndpoints.MapTo(LoopbackServer.Start());
        await using var server = LabEndpoints.MapTo(LoopbackServer.Start());
        using var client = new HTTPClient(RawAnswer.Options with { Credential = Credential.AzureSharedKey(Key, server.Url.ToString()) });
        (await client.GetAsync($"{server.Url}redirect-to?url={other.Url}get", cancellationToken: Stop)).EnsureSuccess().Dispose();
        Assert.StartsWith("SharedKey myaccount:", Assert.Single(server.Requests).Headers["Authorization"]);
        Assert.Null(Assert.Single(other.Requests).Headers["Authorization"]);
    }

    [Fact]
    public void Wrong_options_are_argument_errors_and_the_key_is_not_printed()
    {
        foreach (var (wrong, property) in new[] { (Key with { Account = "a/b" }, "Account"), (Key with { Key = "not base64" }, "Key"), (Key with { Key = "" }, "Key"), (Key with { Version = "a\nb" }, "version") })
            Assert.Contains(property, Assert.ThrowsAny<ArgumentException>(() => Credential.AzureSharedKey(wrong)).Message);
        Assert.DoesNotContain(Key.Key, Key.ToString());
        Assert.DoesNotContain(Key.Key, Credential.AzureSharedKey(Key).ToString());
    }
}
