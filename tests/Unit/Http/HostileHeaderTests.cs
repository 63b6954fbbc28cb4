using Codomyrmex.Networking.Http;
using Codomyrmex.Networking.Testing;

namespace Codomyrmex.Networking.Tests.Unit.Http;

/// <summary>Field lines that break RFC 9112, section 5, and heads that do not end.</summary>
public class HostileHeaderTests
{
    [Theory]
    [InlineData("NoColonHere")]
    [InlineData(": value without name")]
    [InlineData("Bad Name: value")]
    [InlineData("Na\0me: value")]
    [InlineData("Na\x01me: value")]
    [InlineData("Na(me: value")]
    [InlineData("N\xe4me: value")]
    [InlineData(" folded before any field")]
    public async Task Malformed_field_is_refused(string line)
    {
        await using var server = RawAnswer.ThenClose($"HTTP/1.1 200 OK\r\n{line}\r\nContent-Length: 2\r\n\r\nok");
        var error = await RawAnswer.FailureAsync(server.Url);
        Assert.Equal(ErrorCodes.HttpMalformed, error.Code);
    }

    [Theory]
    [InlineData("Name: a\0b")]
    [InlineData("Name: a\rb")]
    public async Task Control_characters_that_could_end_a_line_become_spaces(string line)
    {
        await using var server = RawAnswer.ThenClose($"HTTP/1.1 200 OK\r\n{line}\r\nContent-Length: 2\r\n\r\nok");
        using var client = new HTTPClient(RawAnswer.Options);
        using var response = await client.GetAsync(server.Url.ToString(), cancellationToken: TestContext.Current.CancellationToken);
        Assert.Equal("a b", response.Headers["Name"]);
    }

    [Fact]
    public async Task Carriage_return_within_a_value_begins_no_other_field()
    {
        await using var server = RawAnswer.ThenClose("HTTP/1.1 200 OK\r\nName: a\rInjected: b\r\nContent-Length: 2\r\n\r\nok");
        using var client = new HTTPClient(RawAnswer.Options);
        using var response = await client.GetAsync(server.Url.ToString(), cancellationToken: TestContext.Current.CancellationToken);
        Assert.False(response.Headers.Contains("Injected"));
    }

    // The platform drops the space, where RFC 9112, section 5.1 asks a server to refuse it and leaves a client free.
    [Fact]
    public async Task Space_before_the_colon_is_no_part_of_the_name()
    {
        await using var server = RawAnswer.ThenClose("HTTP/1.1 200 OK\r\nName : value\r\nContent-Length: 2\r\n\r\nok");
        using var client = new HTTPClient(RawAnswer.Options);
        using var response = await client.GetAsync(server.Url.ToString(), cancellationToken: TestContext.Current.CancellationToken);
        Assert.Equal("value", response.Headers["Name"]);
    }

    // A framing field hidden behind a space must be seen by the check as well as by the platform.
    [Theory]
    [InlineData("Content-Length : 2\r\nContent-Length: 3\r\n")]
    [InlineData("Transfer-Encoding : chunked\r\nContent-Length: 2\r\n")]
    public async Task Framing_field_with_a_space_before_its_colon_counts(string fields)
    {
        await using var server = RawAnswer.ThenClose($"HTTP/1.1 200 OK\r\n{fields}\r\n2\r\nok\r\n0\r\n\r\n");
        Assert.Equal(ErrorCodes.HttpMalformed, (await RawAnswer.FailureAsync(server.Url)).Code);
    }

    [Fact]
    public async Task Folded_field_is_read_as_one_line()
    {
        await using var server = RawAnswer.ThenClose("HTTP/1.1 200 OK\r\nX-Folded: one\r\n two\r\n\tthree\r\nContent-Length: 2\r\n\r\nok");
        using var client = new HTTPClient(RawAnswer.Options);
        using var response = await client.GetAsync(server.Url.ToString(), cancellationToken: TestContext.Current.CancellationToken);
        var value = response.Headers["X-Folded"]!;
        Assert.DoesNotContain('\n', value);
        Assert.DoesNotContain('\r', value);
        Assert.Equal(["one", "two", "three"], value.Split([' ', '\t'], StringSplitOptions.RemoveEmptyEntries));
    }

    [Fact]
    public async Task Head_that_ends_in_the_middle_is_a_connection_closed_early()
    {
        await using var server = RawAnswer.ThenClose("HTTP/1.1 200 OK\r\nContent-Le");
        var error = await RawAnswer.FailureAsync(server.Url);
        Assert.Equal(ErrorCodes.TcpClosedEarly, error.Code);
        Assert.Equal(WasSent.Maybe, error.WasSent);
    }

    [Theory]
    [Trait("Cve", "26")]
    [InlineData("HTTP/1.1 200 OK\r\nX: ", "a")]
    [InlineData("HTTP/1.1 200 OK\r\n", "X: y\r\n")]
    [InlineData("HTTP/1.1 200 OK\r\n", "Set-Cookie: a=b\r\n")]
    [InlineData("HTTP/1.1 200 OK\r\nX: a\r\n", " folded\r\n")]
    [InlineData("", "HTTP/1.1 100 Continue\r\n\r\n")]
    [InlineData("", "HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n")]
    [InlineData("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n", "Trailer: x\r\n")]
    public async Task Endless_head_is_cut_off_at_the_limit(string beginning, string pattern)
    {
        await using var server = EndlessPeer.Start(beginning, pattern);
        var error = await RawAnswer.FailureAsync(server.Url);
        Assert.Equal(ErrorCodes.HttpTooLarge, error.Code);
        // The limit is 64 KiB; the rest is what sockets buffer.
        Assert.InRange(await server.Sent, 0, 16 * 1024 * 1024);
    }

    [Fact]
    public async Task Head_within_a_smaller_limit_passes_and_beyond_it_is_refused()
    {
        await using var server = LoopbackServer.Start();
        server.Map("GET", "/{n}", exchange => exchange.RespondAsync(200, "ok", headers: [new("X-Long", new string('a', int.Parse(exchange.RouteValue("n"))))]));
        using var client = new HTTPClient(RawAnswer.Options with { Limits = new ResponseLimits { HeaderBytes = 4096 } });
        using var response = await client.GetAsync(server.Url + "2000", cancellationToken: TestContext.Current.CancellationToken);
        Assert.Equal("ok", response.Text);
        var error = await RawAnswer.FailureAsync(client, new Uri(server.Url, "9000"));
        Assert.Equal(ErrorCodes.HttpTooLarge, error.Code);
    }

    [Fact]
    public async Task Head_that_drips_without_end_is_cut_off_by_the_total_deadline()
    {
        await using var server = ScriptedServer.Start(async (peer, stop) =>
        {
            await peer.ReadRequestAsync(stop);
            await peer.SendAsync("HTTP/1.1 200 OK\r\n", stop);
            await peer.DripAsync(RawAnswer.Latin1(new string('a', 10_000)), TimeSpan.FromMilliseconds(20), stop);
        });
        var error = await RawAnswer.FailureAsync(server.Url, RawAnswer.Options with { Timeouts = new Timeouts { FirstByte = TimeSpan.FromSeconds(10), Total = TimeSpan.FromMilliseconds(300) } });
        Assert.Equal(ErrorCodes.TimeoutTotal, error.Code);
        Assert.InRange(error.Elapsed, TimeSpan.FromMilliseconds(250), RawAnswer.Patience);
    }

    [Fact]
    public async Task Head_that_drips_without_end_is_cut_off_by_the_first_byte_timeout()
    {
        await using var server = ScriptedServer.Start(async (peer, stop) =>
        {
            await peer.ReadRequestAsync(stop);
            await peer.DripAsync(RawAnswer.Latin1("HTTP/1.1 200 " + new string('a', 10_000)), TimeSpan.FromMilliseconds(20), stop);
        });
        var error = await RawAnswer.FailureAsync(server.Url, RawAnswer.Options with { Timeouts = new Timeouts { FirstByte = TimeSpan.FromMilliseconds(300), Total = RawAnswer.Patience } });
        Assert.Equal(ErrorCodes.TimeoutFirstByte, error.Code);
    }

    [Fact]
    [Trait("Cve", "21")]
    public async Task Control_characters_of_a_server_do_not_reach_the_message()
    {
        await using var server = RawAnswer.ThenClose("HTTP/1.1 404 Not\x1b[31mFound\x7f\r\nContent-Length: 0\r\n\r\n");
        using var client = new HTTPClient(RawAnswer.Options);
        using var response = await client.GetAsync(server.Url.ToString(), cancellationToken: TestContext.Current.CancellationToken);
        var error = Assert.Throws<HTTPException>(response.EnsureSuccess);
        Assert.DoesNotContain(error.Message, char.IsControl);
    }
}
