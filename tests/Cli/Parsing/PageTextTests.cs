using Codomyrmex.Networking.Cli.Parsing;

namespace Codomyrmex.Networking.Tests.Cli.Parsing;

/// <summary>What readers see of a page.</summary>
public class PageTextTests
{
    [Fact]
    public void Links_that_grow_with_the_address_of_their_page_are_bounded()
    {
        var address = new Uri($"http://h/{new string('a', 20_000)}/");
        var html = string.Concat(Enumerable.Repeat("<a href=x>y</a> ", 10_000));
        Assert.InRange(PageText.Of(html, address, withLinks: true).Text.Length, html.Length / 8, (html.Length * 4) + 100_000);
    }
}
