using System.Text;
using AngleSharp.Html.Parser;
using Codomyrmex.Networking.Crawling.Internal;
using Codomyrmex.Networking.Crawling.Protocol;
using CsCheck;

namespace Codomyrmex.Networking.Tests.Unit.Crawling;

/// <summary>Links out of HTML by the tokenizer's rules (WHATWG HTML, section 13.2.5), beside a full parser.</summary>
public class LinkScannerTests
{
    private const string Home = "http://h/d/";

    private static (List<string> Links, PageFacts Facts) Read(string html)
    {
        var links = new List<string>();
        var facts = new PageReader("ExampleBot").Read(Encoding.UTF8.GetBytes(html), Home, links,
            static (links, url, kind, isNoFollow) => links.Add($"{(isNoFollow ? "-" : "")}{url}"));
        return (links, facts);
    }

    [Theory]
    [InlineData("<a href=x>", "http://h/d/x")]
    [InlineData("<A\nHREF = 'x'\n>", "http://h/d/x")]
    [InlineData("<a/href=\"x\"/>", "http://h/d/x")]
    [InlineData("<a href=x/>", "http://h/d/x/")]
    [InlineData("<a href=x href=y>", "http://h/d/x")]
    [InlineData("<a title='>' href=x>", "http://h/d/x")]
    [InlineData("<a title=a\"b>c href=x>", "")]
    [InlineData("<a =href=y href=x>", "http://h/d/x")]
    [InlineData("<a href=\"x?a=1&amp;b=2&copy=3&#47;\">", "http://h/d/x?a=1&b=2&copy=3/")]
    [InlineData("<a href=x rel='external NoFollow'>", "-http://h/d/x")]
    [InlineData("<area href=x>", "http://h/d/x")]
    [InlineData("<iframe src=x><a href=y></iframe><a href=z>", "http://h/d/x http://h/d/z")]
    [InlineData("<link rel='next' href=x><link rel=stylesheet href=y><link rel=\"alternate stylesheet\" href=z>", "http://h/d/x")]
    [InlineData("<meta http-equiv=Refresh content=\"5; URL='x'\">", "http://h/d/x")]
    [InlineData("<meta http-equiv=refresh content=5>", "")]
    [InlineData("<!-- <a href=x> --><a href=y>", "http://h/d/y")]
    [InlineData("<!--><a href=x>-->", "http://h/d/x")]
    [InlineData("<!---><a href=x>-->", "http://h/d/x")]
    [InlineData("<!-- a --!><a href=x>", "http://h/d/x")]
    [InlineData("<!-- <a href=x>", "")]
    [InlineData("<!doctype html \"><a href=x>", "http://h/d/x")]
    [InlineData("<?php echo '<a href=x>' ?><a href=y>", "http://h/d/y")]
    [InlineData("</ a><a href=x></><a href=y>", "http://h/d/x http://h/d/y")]
    [InlineData("<script>'<a href=x>'</script><a href=y>", "http://h/d/y")]
    [InlineData("<script><!-- <script> </script> <a href=x> --></script><a href=y>", "http://h/d/y")]
    [InlineData("<script><!-- </script><a href=x>", "http://h/d/x")]
    [InlineData("<script></scripty><a href=x></script ><a href=y>", "http://h/d/y")]
    [InlineData("<style><a href=x></style><textarea><a href=y></textarea><title><a href=z></title><xmp><a href=w></xmp>", "")]
    [InlineData("<plaintext><a href=x>", "")]
    [InlineData("<noscript><a href=x></noscript>", "http://h/d/x")]
    [InlineData("<template><a href=x><template></template><a href=y></template><a href=z>", "http://h/d/z")]
    [InlineData("<base href=/e/><a href=x><base href=/f/><a href=y>", "http://h/e/x http://h/e/y")]
    [InlineData("<base href='http://other/'><a href=x><a href=/y>", "http://other/x http://other/y")]
    [InlineData("<a href=x", "")]
    [InlineData("<a href='x", "")]
    [InlineData("<a href", "")]
    [InlineData("a < b <a", "")]
    [InlineData("<a><a href><a href=''>", "")]
    [InlineData("<abbr href=x><a-b href=y>", "")]
    public void A_page_has_these_links(string html, string links) => Assert.Equal(links, string.Join(' ', Read(html).Links));

    [Fact]
    public void A_page_says_what_it_is_called_and_what_it_asks()
    {
        var facts = Read("<title>\n One &amp;\n two </title><title>three</title><link rel=canonical href=/c><meta name=ROBOTS content='noarchive, NOINDEX'><meta name=otherbot content=nofollow>").Facts;
        Assert.Equal("One & two", facts.Title);
        Assert.Equal("http://h/c", facts.Canonical);
        Assert.Equal(RobotsDirectives.NoIndex, facts.Directives);
        Assert.Equal(RobotsDirectives.NoIndex | RobotsDirectives.NoFollow, Read("<meta name=examplebot content=none>").Facts.Directives);
    }

    [Theory]
    [InlineData("noindex, nofollow", RobotsDirectives.NoIndex | RobotsDirectives.NoFollow)]
    [InlineData("otherbot: noindex, nofollow", RobotsDirectives.None)]
    [InlineData("otherbot: noindex, ExampleBot: nofollow", RobotsDirectives.NoFollow)]
    [InlineData("unavailable_after: 25 Jun 2010 15:00:00 PST, nofollow", RobotsDirectives.NoFollow)]
    [InlineData("max-snippet: 5, noindex", RobotsDirectives.NoIndex)]
    public void A_field_speaks_to_whom_it_names(string field, object directives) => Assert.Equal((RobotsDirectives)directives, RobotDirectives(field));

    [Fact]
    public void The_scanner_finds_what_a_full_parser_finds()
    {
        string[] pieces =
        [
            "<a href=p1>", "<a title=\">\" href='p2'>", "</a>", "<p>", "text & <b>more</b>", "<!-- <a href=p3> -->", "<!--", "-->", "<script>", "</script>", "<style>", "</style>", "<title>",
            "</title>", "'", "\"", ">", "<", "<a\nhref=\"p4\"class=x>", "<area href=p5 >", "<br/>", "<a href=p6/>", "</", "<!", "=", "/", "<textarea>", "</textarea>", "--!>", "<a href=p7 ",
        ];
        Gen.Int[0, pieces.Length - 1].Array[1, 14].Select(chosen => string.Concat(chosen.Select(i => pieces[i]))).Sample(html =>
        {
            var parsed = new HtmlParser().ParseDocument(html).QuerySelectorAll("a[href], area[href]").Select(element => element.GetAttribute("href")!.Trim())
                .Where(href => href.Length > 0 && !href.StartsWith('#')).Select(href => Resolved(href)).Where(url => url.Length > 0).Order().ToList();
            // A tree may copy a link that is not closed, and a list may be read in another order: what is there is what counts.
            Assert.Equal(parsed.Distinct(), Read(html).Links.Order().Distinct());
        }, iter: 3_000);
    }

    [Fact, Trait("Cve", "18")]
    public void Hostile_markup_takes_no_time()
    {
        var started = TimeProvider.System.GetTimestamp();
        foreach (var piece in (string[])["<script><!-- <script> ", "<!--", "<a ", "<a b='", "</", "<script></script", "<!-- --", "<template>", "<script><!-- --></script", "<title>"])
            Read(string.Concat(Enumerable.Repeat(piece, 400_000 / piece.Length)));
        Assert.InRange(TimeProvider.System.GetElapsedTime(started), TimeSpan.Zero, TimeSpan.FromSeconds(2));
    }

    private static RobotsDirectives RobotDirectives(string field) => RobotsDirectiveText.Read(field, "ExampleBot");

    private static string Resolved(string reference)
    {
        var resolver = new UrlResolver();
        resolver.SetBase(Home);
        return resolver.Resolve(reference).ToString();
    }

    [Theory]
    [InlineData("<script>", "<!--<script >-->", 300_000, "")]
    [InlineData("", "<script><!--</script>", 200_000, "<a href=x>")]
    public void A_hostile_page_costs_in_proportion_to_its_length(string before, string again, int times, string after)
    {
        // Without that it would cost hours.
        var (links, _) = Read(before + string.Concat(Enumerable.Repeat(again, times)) + after);
        Assert.Equal(after.Length > 0 ? ["http://h/d/x"] : [], links);
    }
}
