using System.Text.Json;
using Codomyrmex.Networking.Testing;

namespace Codomyrmex.Networking.Tests.Cli.Commands;

public class CrawlTests
{
    private static CrawlSite Start() => CrawlSite.Start(new CrawlSiteOptions { Pages = 12, Children = 4, Orphans = 2, Traps = false });

    [Fact]
    public async Task Each_page_is_a_line_and_the_last_line_is_a_summary()
    {
        await using var site = Start();
        var run = await CliRun.RunAsync("crawl", site.Url.ToString(), "--json", "--delay", "0", "--links", "--depth", "1");
        Assert.Equal(0, run.ExitCode);
        var lines = run.Out.TrimEnd('\n').Split('\n').Select(line => JsonDocument.Parse(line).RootElement).ToList();
        Assert.Equal(site.Url.ToString(), lines[0].GetProperty("url").GetString());
        Assert.Equal(200, lines[0].GetProperty("status").GetInt32());
        Assert.Equal("new", lines[0].GetProperty("change").GetString());
        Assert.Equal(lines[0].GetProperty("links").GetInt32(), lines[0].GetProperty("urls").GetArrayLength());
        Assert.Equal(lines.Count - 1, lines[^1].GetProperty("summary").GetProperty("pages").GetInt32());
        Assert.True(lines[^1].GetProperty("summary").GetProperty("skipped").GetProperty("depth").GetInt32() > 0);
    }

    [Fact]
    public async Task A_crawl_that_reached_nobody_is_a_failure_and_says_what_to_try()
    {
        await using var server = LoopbackServer.Start().Map("GET", "/robots.txt", exchange => exchange.RespondAsync(503, "", headers: [new("Retry-After", "86400")]));
        var run = await CliRun.RunAsync("crawl", server.Url.ToString());
        Assert.Equal(71, run.ExitCode);
        Assert.Contains("Nothing was visited: the hosts of 1 URLs", run.Error, StringComparison.Ordinal);
        Assert.Contains("codonet explain", run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task For_people_it_says_what_it_did()
    {
        await using var site = Start();
        var run = await CliRun.RunAsync("crawl", site.Url.ToString(), "--delay", "0", "--max-pages", "3", "--include", "/p/");
        Assert.Equal(0, run.ExitCode);
        Assert.Contains("200", run.Out, StringComparison.Ordinal);
        Assert.Contains("Page 0 of 12", run.Out, StringComparison.Ordinal);
        Assert.Contains("3 pages, 0 failed", run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Beyond_the_hosts_that_were_named_only_the_public_internet_is_reached()
    {
        await using var other = LoopbackServer.Start().Map("GET", "/", exchange => exchange.RespondAsync(200, "inside", "text/html"));
        await using var server = LoopbackServer.Start().Map("GET", "/", exchange => exchange.RespondAsync(200, $"<a href={other.Url}>", "text/html"));
        var run = await CliRun.RunAsync("crawl", server.Url.ToString(), "--json", "--delay", "0", "--scope", "any", "--no-sitemaps", "--ignore-robots");
        Assert.Contains("policy.denied", run.Out, StringComparison.Ordinal);
        Assert.Empty(other.Requests);
    }

    [Theory]
    [InlineData("crawl")]
    [InlineData("crawl", "example.com")]
    [InlineData("crawl", "http://user:secret@127.0.0.1/")]
    [InlineData("crawl", "http://127.0.0.1/", "--scope", "planet")]
    [InlineData("crawl", "http://127.0.0.1/", "--agent", "Bot")]
    [InlineData("crawl", "http://127.0.0.1/", "--agent", "a b", "--contact", "a@b")]
    [InlineData("crawl", "http://127.0.0.1/", "--include", "blog")]
    public async Task What_is_wrong_is_a_usage_error(params string[] arguments) => Assert.Equal(64, (await CliRun.RunAsync(arguments)).ExitCode);

    [Fact]
    public async Task A_crawl_whose_time_is_over_before_anybody_answered_is_73_and_says_what_to_do()
    {
        await using var server = LoopbackServer.Start().Map("GET", "/{**path}", exchange => exchange.StallAsync());
        var run = await CliRun.RunAsync("crawl", server.Url.ToString(), "--timeout", "300ms", "--json");
        Assert.Equal(73, run.ExitCode);
        var error = System.Text.Json.JsonElement.Parse(run.Out.TrimEnd().Split('\n')[^1]).GetProperty("error");
        Assert.Equal("timeout.total", error.GetProperty("code").GetString());
        Assert.Contains("Nothing was visited within 300ms", error.GetProperty("message").GetString());
        Assert.Contains("--timeout", error.GetProperty("hint").GetString());
    }

    [Fact]
    public async Task A_status_that_refuses_is_told_in_words_of_the_command_line()
    {
        await using var server = LoopbackServer.Start();
        var run = await CliRun.RunAsync("download", $"{server.Url}missing", "-o", "unused");
        Assert.Equal(75, run.ExitCode);
        Assert.Contains("hint: Check the URL", run.Error);
        Assert.DoesNotContain("exception", run.Error);
    }
}
