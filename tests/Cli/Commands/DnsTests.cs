using Codomyrmex.Networking.Testing;

namespace Codomyrmex.Networking.Tests.Cli.Commands;

public class DnsTests
{
    [Fact]
    public async Task Both_kinds_of_addresses_are_asked_for()
    {
        await using var server = ScriptedDnsServer.Start(static question => ScriptedDnsAnswer.Of(question.Type == 1 ? "192.0.2.1" : "2001:db8::1"));
        var run = await CliRun.RunAsync("dns", "a.example", "--dns", server.EndPoint.ToString(), "--json");
        Assert.Equal(0, run.ExitCode);
        var document = run.Document;
        Assert.Equal(["name", "type", "answers", "server", "transport", "authoritative", "elapsedMs"], document.EnumerateObject().Select(member => member.Name));
        Assert.Equal("A,AAAA", document.GetProperty("type").GetString());
        Assert.Equal([("A", "192.0.2.1", 60), ("AAAA", "2001:db8::1", 60)], document.GetProperty("answers").EnumerateArray().Select(answer =>
            (answer.GetProperty("type").GetString()!, answer.GetProperty("data").GetString()!, answer.GetProperty("ttl").GetInt32())));
        Assert.Equal(server.EndPoint.ToString(), document.GetProperty("server").GetString());
    }

    [Theory]
    [InlineData("localhost", "other commands take it for 127.0.0.1")]
    [InlineData("printer.local.", "mDNS")]
    [InlineData("a.example", "not the hosts file")]
    public async Task A_name_that_is_not_found_comes_with_who_was_asked(string name, string hint)
    {
        await using var server = ScriptedDnsServer.Start(static _ => ScriptedDnsAnswer.NoSuchName);
        var run = await CliRun.RunAsync("dns", name, "--dns", server.EndPoint.ToString(), "--json");
        Assert.Equal((72, "dns.not_found"), (run.ExitCode, run.Failure.GetProperty("code").GetString()));
        Assert.Contains(hint, run.Failure.GetProperty("hint").GetString());
    }

    [Fact]
    public async Task One_family_is_enough()
    {
        await using var server = ScriptedDnsServer.Start(static question => question.Type == 1 ? ScriptedDnsAnswer.Of("192.0.2.1") : ScriptedDnsAnswer.NoSuchName);
        var run = await CliRun.RunAsync("dns", "a.example", "--dns", server.EndPoint.ToString());
        Assert.Equal(0, run.ExitCode);
        Assert.Matches(@"^a\.example\s+60\s+A\s+192\.0\.2\.1\n127\.0\.0\.1:\d+ over UDP in ", run.Out);
    }

    [Theory]
    [InlineData("mx", 15)]
    [InlineData("CAA", 257)]
    [InlineData("99", 99)]
    public async Task A_type_is_asked_for_by_name_or_number(string type, int number)
    {
        await using var server = ScriptedDnsServer.Start(question => question.Type == number ? ScriptedDnsAnswer.ServerFailure : ScriptedDnsAnswer.Nothing);
        var run = await CliRun.RunAsync("dns", "a.example", type, "--dns", server.EndPoint.ToString(), "--json");
        Assert.Equal(72, run.ExitCode);
        Assert.Equal("dns.server_failure", run.Failure.GetProperty("code").GetString());
    }

    [Fact]
    public async Task A_name_that_does_not_exist_is_72()
    {
        await using var server = ScriptedDnsServer.Start(static _ => ScriptedDnsAnswer.NoSuchName);
        Assert.Equal(72, (await CliRun.RunAsync("dns", "a.example", "--dns", server.EndPoint.ToString())).ExitCode);
    }

    [Fact]
    public async Task A_silent_server_is_given_up_in_time()
    {
        await using var server = ScriptedDnsServer.Start(static _ => ScriptedDnsAnswer.Nothing);
        var run = await CliRun.RunAsync("dns", "a.example", "A", "--dns", server.EndPoint.ToString(), "--timeout", "100ms", "--json");
        Assert.Equal(73, run.ExitCode);
        Assert.Equal("timeout.total", run.Failure.GetProperty("code").GetString());
    }

    [Fact]
    public async Task Of_an_address_the_name_is_asked_for()
    {
        await using var server = ScriptedDnsServer.Start(static _ => ScriptedDnsAnswer.NoSuchName);
        await CliRun.RunAsync("dns", "192.0.2.7", "--dns", server.EndPoint.ToString());
        var question = Assert.Single(server.Questions);
        Assert.Equal("7.2.0.192.in-addr.arpa", question.Name.TrimEnd('.'));
    }
}
