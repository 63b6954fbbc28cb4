using Codomyrmex.Networking.Http;
using Codomyrmex.Networking.Testing;

namespace Codomyrmex.Networking.Tests.Unit.Http;

/// <summary>Wrong options are refused with the property named, before anything is sent.</summary>
public class OptionsTests
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("BaseUrl", "query")]
    [InlineData("BaseUrl", "fragment")]
    [InlineData("Query", "null")]
    [InlineData("Clock", "null")]
    [InlineData("Middleware", "null")]
    [InlineData("Middleware", "null entry")]
    [InlineData("Version", "undefined")]
    public void Wrong_property_of_a_client_is_refused_by_its_name(string property, string wrong)
    {
        var options = (property, wrong) switch
        {
            ("BaseUrl", "query") => new HTTPClientOptions { BaseUrl = "http://api.test/v1/?key=1" },
            ("BaseUrl", _) => new HTTPClientOptions { BaseUrl = "http://api.test/v1/#part" },
            ("Query", _) => new HTTPClientOptions { Query = null! },
            ("Clock", _) => new HTTPClientOptions { Clock = null! },
            ("Middleware", "null") => new HTTPClientOptions { Middleware = null! },
            ("Middleware", _) => new HTTPClientOptions { Middleware = [null!] },
            _ => new HTTPClientOptions { Version = (HttpVersionChoice)99 },
        };
        var error = Assert.ThrowsAny<ArgumentException>(() => new HTTPClient(options));
        Assert.Equal("HTTPClientOptions." + property, error.ParamName);
    }

    [Theory]
    [InlineData("Query")]
    [InlineData("Version")]
    public async Task Wrong_property_of_a_request_is_refused_by_its_name(string property)
    {
        using var client = new HTTPClient(RawAnswer.Options with { MessageHandler = new MockTransport() });
        var options = property == "Query" ? new RequestOptions { Query = null! } : new RequestOptions { Version = (HttpVersionChoice)99 };
        var error = await Assert.ThrowsAnyAsync<ArgumentException>(() => client.PostAsync("http://api.test/", RequestBody.Text("x"), options, Stop));
        Assert.Equal("RequestOptions." + property, error.ParamName);
    }

    [Theory]
    [InlineData("")]
    [InlineData("a b")]
    [InlineData("a.test, b.test")]
    [InlineData("user@a.test")]
    [InlineData("a.test/path")]
    public void Host_that_is_no_host_is_refused(string value) =>
        Assert.Throws<ArgumentException>(() => new HeaderMap { ["Host"] = value });

    [Fact]
    public void Second_host_is_refused()
    {
        Assert.Throws<ArgumentException>(() => new HeaderMap([new("Host", "a.test"), new("host", "b.test")]));
        var one = new HeaderMap { ["Host"] = "a.test" };
        Assert.Throws<ArgumentException>(() => one.Add("HOST", "b.test"));
        one["host"] = "c.test:8080";
        Assert.Equal("c.test:8080", Assert.Single(one).Value);
    }

    [Fact]
    public async Task Deadline_beyond_what_timers_can_wait_for_works()
    {
        await using var server = LabEndpoints.MapTo(LoopbackServer.Start());
        using var client = new HTTPClient(RawAnswer.Options with { Timeouts = Timeouts.Default with { Total = Timeout.InfiniteTimeSpan } });
        var options = new RequestOptions { Deadline = Deadline.After(TimeSpan.FromDays(60)) };
        using var buffered = await client.GetAsync(server.Url + "get", options, Stop);
        using var streamed = await client.StreamAsync(server.Url + "bytes/100000", options, Stop);
        await streamed.OpenStream().CopyToAsync(Stream.Null, Stop);
        Assert.Equal((200, 200), (buffered.Status, streamed.Status));
    }

    [Fact]
    public async Task Body_and_options_can_be_given_without_naming_the_types()
    {
        var server = new MockTransport();
        server.When("*", "*").Reply(200);
        using var client = new HTTPClient(RawAnswer.Options with { MessageHandler = server });
        (await client.PostAsync("http://api.test/", RequestBody.Text("x"), new() { Headers = new() { ["A"] = "1" } }, Stop)).Dispose();
        (await client.PutAsync("http://api.test/", RequestBody.Text("x"), new() { Headers = new() { ["A"] = "1" } }, Stop)).Dispose();
        (await client.PatchAsync("http://api.test/", RequestBody.Text("x"), new() { Headers = new() { ["A"] = "1" } }, Stop)).Dispose();
        Assert.Equal([("POST", "x", "1"), ("PUT", "x", "1"), ("PATCH", "x", "1")], server.Calls.Select(call => (call.Method, call.Text, call.Headers["A"]!)));
    }

    [Fact]
    public async Task Default_fields_can_be_taken_away()
    {
        var server = new MockTransport();
        server.When("*", "*").Reply(200);
        using var client = new HTTPClient(RawAnswer.Options with { MessageHandler = server, Headers = new() { ["A"] = "1", ["B"] = "2", ["Authorization"] = "Bearer t0ken" } });
        client.RemoveHeaders("a", "AUTHORIZATION", "Never-There");
        (await client.GetAsync("http://api.test/", cancellationToken: Stop)).Dispose();
        var sent = Assert.Single(server.Calls).Headers;
        Assert.Equal((null, "2", null), (sent["A"], sent["B"], sent["Authorization"]));
    }
}
