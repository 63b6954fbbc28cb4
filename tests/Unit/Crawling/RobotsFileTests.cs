using System.Text;
using Codomyrmex.Networking.Crawling;

namespace Codomyrmex.Networking.Tests.Unit.Crawling;

/// <summary>robots.txt by RFC 9309: who is meant, which rule decides, and what is no rule.</summary>
public class RobotsFileTests
{
    private static RobotsRules Rules(string text, string agent = "ExampleBot") => RobotsFile.Parse(Encoding.UTF8.GetBytes(text)).RulesFor(agent);

    [Theory]
    [InlineData("User-agent: *\nDisallow: /a", "/a", false)]
    [InlineData("User-agent: *\nDisallow: /a", "/abc?d", false)]
    [InlineData("User-agent: *\nDisallow: /a/", "/a", true)]
    [InlineData("User-agent: *\nDisallow:", "/a", true)]
    [InlineData("User-agent: *\nDisallow: /\nAllow: /public", "/public/x", true)]
    [InlineData("User-agent: *\nAllow: /page\nDisallow: /page", "/page", true)]
    [InlineData("User-agent: *\nAllow: /p\nDisallow: /*.html", "/page.html", false)]
    [InlineData("User-agent: *\nAllow: /example/page/\nDisallow: /example/page/disallowed.gif", "/example/page/disallowed.gif", false)]
    [InlineData("User-agent: *\nDisallow: /*.gif$", "/a.gif", false)]
    [InlineData("User-agent: *\nDisallow: /*.gif$", "/a.gif?x", true)]
    [InlineData("User-agent: *\nDisallow: /*/b/*/d", "/a/b/c/d/e", false)]
    [InlineData("User-agent: *\nDisallow: /*/b/*/d$", "/a/b/c/d/e/d", false)]
    [InlineData("User-agent: *\nDisallow: /a*b*c$", "/acbc", false)]
    [InlineData("User-agent: *\nDisallow: /a*b*c$", "/acb", true)]
    [InlineData("User-agent: *\nDisallow: /path$", "/path", false)]
    [InlineData("User-agent: *\nDisallow: /path$", "/path/", true)]
    [InlineData("User-agent: *\nDisallow: /", "/robots.txt", true)]
    [InlineData("Disallow: /", "/a", true)]
    [InlineData("", "/a", true)]
    public void The_longest_rule_that_fits_decides(string text, string path, bool allowed) => Assert.Equal(allowed, Rules(text).Allows(path));

    [Theory]
    [InlineData("/caf\u00e9", "/caf%C3%A9", false)]
    [InlineData("/caf%c3%a9", "/caf\u00e9", false)]
    [InlineData("/%7Eada", "/~ada", false)]
    [InlineData("/a%2Fb", "/a/b", true)]
    [InlineData("/a%2A", "/a*", false)]
    [InlineData("/a%2A", "/ab", true)]
    [InlineData("/a$b", "/a$b", false)]
    public void Octets_are_compared_and_not_their_spelling(string rule, string path, bool allowed) =>
        Assert.Equal(allowed, Rules($"User-agent: *\nDisallow: {rule}").Allows(path));

    [Theory]
    [InlineData("examplebot", false)]
    [InlineData("ExampleBot/2.1 (+https://example.com)", false)]
    [InlineData("Example", true)]
    [InlineData("ExampleBot-News", true)]
    public void A_group_is_for_the_product_token_it_names_in_any_case(string agent, bool allowed) =>
        Assert.Equal(allowed, Rules($"User-agent: {agent}\nDisallow: /\n\nUser-agent: *\nDisallow: /x").Allows("/a"));

    [Fact]
    public void Groups_for_one_crawler_are_one_and_leave_those_for_everybody_aside()
    {
        const string Text = "User-agent: ExampleBot\nDisallow: /a\n\nUser-agent: *\nDisallow: /b\n\nuser-agent: other\nUSER-AGENT: EXAMPLEBOT\nDisallow: /c\nCrawl-delay: 2.5";
        Assert.False(Rules(Text).Allows("/a"));
        Assert.True(Rules(Text).Allows("/b"));
        Assert.False(Rules(Text).Allows("/c"));
        Assert.Equal(TimeSpan.FromSeconds(2.5), Rules(Text).CrawlDelay);
        Assert.False(Rules(Text, "Third").Allows("/b"));
        Assert.Null(Rules(Text, "Third").CrawlDelay);
    }

    [Theory]
    [InlineData("\ufeffUser-agent: *\r\nDisallow: /a # why\r\n")]
    [InlineData("User-agent : *\rDisallow : /a")]
    [InlineData("# first\n\nUser-agent: *\n\n# then\n\nDisallow: /a")]
    [InlineData("User-agent: *\nSitemap: https://example.com/s.xml\nDisallow: /a")]
    [InlineData("User-agent: *\nNonsense\nOther: thing\nDisallow: /a")]
    [InlineData("User-agent: x\nSitemap: /s\nUser-agent: *\nDisallow: /a")]
    [InlineData("User-agent: x\nHost: h\nUser-agent: *\nDisallow: /a")]
    [InlineData("User-agent: *\nCrawl-delay: 3\nUser-agent: x\nDisallow: /a")]
    public void Blanks_comments_line_ends_and_strange_lines_do_not_matter(string text)
    {
        Assert.False(Rules(text).Allows("/a"));
        Assert.True(Rules(text).Allows("/b"));
    }

    [Theory]
    [InlineData("ExampleBot")]
    [InlineData("Other")]
    public void What_the_RFC_does_not_know_ends_no_naming_of_agents_and_a_delay_is_for_all_of_the_group(string agent)
    {
        var rules = Rules("User-agent: ExampleBot\nCrawl-delay: 3\nUser-agent: Other\nNoindex: /x\nDisallow: /a\nUser-agent: Third\nDisallow: /b", agent);
        Assert.Equal((false, true, TimeSpan.FromSeconds(3)), (rules.Allows("/a"), rules.Allows("/b"), rules.CrawlDelay));
    }

    [Fact]
    public void Sitemaps_belong_to_no_group() =>
        Assert.Equal(["https://a/1", "/2"], RobotsFile.Parse("Sitemap: https://a/1\nUser-agent: *\nDisallow: /\nsitemap:/2"u8).Sitemaps);

    [Fact]
    public void What_lies_beyond_500_KiB_is_not_read()
    {
        var text = "User-agent: *\nDisallow: /a\n" + new string('#', RobotsFile.MaxBytes) + "\nDisallow: /b\n";
        Assert.False(Rules(text).Allows("/a"));
        Assert.True(Rules(text).Allows("/b"));
    }

    [Fact, Trait("Cve", "18")]
    public void A_pattern_full_of_stars_takes_no_time()
    {
        var rules = Rules("User-agent: *\n" + string.Concat(Enumerable.Repeat($"Disallow: /{string.Concat(Enumerable.Repeat("*a", 200))}b\n", 1_000)));
        var path = "/" + new string('a', 2_000);
        var started = TimeProvider.System.GetTimestamp();
        Assert.True(rules.Allows(path));
        Assert.InRange(TimeProvider.System.GetElapsedTime(started), TimeSpan.Zero, TimeSpan.FromSeconds(1));
    }
}
