using Codomyrmex.Networking.Crawling.Protocol;
using CsCheck;

namespace Codomyrmex.Networking.Tests.Unit.Crawling;

/// <summary>One URL a page: resolving, one spelling, and when two are the same.</summary>
public class UrlTests
{
    private static readonly UrlIdentity Identity = new(true, ["utm_*", "gclid", "jsessionid", "phpsessid"]);

    private static string Resolve(string reference, string at = "http://example.com:8080/a/b?c=d")
    {
        var resolver = new UrlResolver();
        resolver.SetBase(at);
        return resolver.Resolve(reference).ToString();
    }

    [Theory]
    [InlineData("/x", "http://example.com:8080/x")]
    [InlineData("x", "http://example.com:8080/a/x")]
    [InlineData("./x/../y", "http://example.com:8080/a/y")]
    [InlineData("../../../x", "http://example.com:8080/x")]
    [InlineData("?q", "http://example.com:8080/a/b?q")]
    [InlineData("//other.example/x", "http://other.example/x")]
    [InlineData("HTTP://EXAMPLE.COM:80/x#y", "http://example.com/x")]
    [InlineData("https://example.com:443", "https://example.com/")]
    [InlineData("https://example.com./x", "https://example.com/x")]
    [InlineData("http://example.com:8080/x", "http://example.com:8080/x")]
    [InlineData("http://example.com:8080", "http://example.com:8080/")]
    [InlineData("http://example.com:80801/x", "")]
    [InlineData("  /x y\t", "http://example.com:8080/x%20y")]
    [InlineData("/a\nb", "http://example.com:8080/ab")]
    [InlineData("/caf\u00e9?\u00fc", "http://example.com:8080/caf%C3%A9?%C3%BC")]
    [InlineData("/%7eada/%2f%c3", "http://example.com:8080/~ada/%2F%C3")]
    [InlineData("http://m\u00fcnchen.example/", "http://xn--mnchen-3ya.example/")]
    [InlineData("http://[::1]:81/x", "http://[::1]:81/x")]
    [InlineData("/x;y=1,2:3@4", "http://example.com:8080/x;y=1,2:3@4")]
    [InlineData("a:b/c", "")]
    [InlineData("#top", "")]
    [InlineData("", "")]
    [InlineData("javascript:alert(1)", "")]
    [InlineData("mailto:a@b", "")]
    [InlineData("data:text/html,x", "")]
    [InlineData("ftp://example.com/x", "")]
    [InlineData("file:///etc/passwd", "")]
    [InlineData("http://user:secret@example.com/", "")]
    public void A_reference_leads_to_one_spelling(string reference, string url) => Assert.Equal(url, Resolve(reference));

    [Fact]
    public void The_short_way_and_the_long_way_agree() =>
        Gen.Char["ab/.?=&;:@-_~(*$+,!"].Array[1, 16].Select(characters => new string(characters)).Sample(reference =>
        {
            var resolved = Resolve(reference);
            if (!Uri.TryCreate(new Uri("http://example.com:8080/a/b?c=d"), reference, out var uri) || uri.Scheme is not ("http" or "https") || uri.UserInfo.Length > 0 || resolved.Length == 0 || reference.StartsWith("//", StringComparison.Ordinal))
                return true;
            return resolved == uri.GetLeftPart(UriPartial.Authority) + uri.PathAndQuery;
        }, iter: 20_000);

    [Fact]
    public void What_a_resolver_gives_is_its_own_spelling() =>
        Gen.String[Gen.Char["ab/.?=&%cé Z2F:#"], 1, 20].Sample(reference => Resolve(reference) is var url && (url.Length == 0 || UrlResolver.Canonical(url) == url), iter: 20_000);

    [Theory]
    [InlineData("http://h/p?a=1&b=2", "http://h/p?b=2&a=1", true)]
    [InlineData("http://h/p?a=1&utm_source=x&UTM_medium=y", "http://h/p?a=1", true)]
    [InlineData("http://h/p?gclid=1", "http://h/p", true)]
    [InlineData("http://h/p?", "http://h/p", true)]
    [InlineData("http://h/p;jsessionid=12AB", "http://h/p", true)]
    [InlineData("http://h/p;jsessionid=12AB?a=1", "http://h/p?a=1", true)]
    [InlineData("http://h/p?PHPSESSID=1&a=1", "http://h/p?a=1", true)]
    [InlineData("http://h/p;v=1", "http://h/p", false)]
    [InlineData("http://h/p?a=1", "http://h/p?a=2", false)]
    [InlineData("http://h/p?a=1&a=2", "http://h/p?a=1", false)]
    [InlineData("http://h/P", "http://h/p", false)]
    [InlineData("http://h/p/", "http://h/p", false)]
    [InlineData("http://h/p", "https://h/p", false)]
    public void Two_URLs_are_one_page(string one, string other, bool same) => Assert.Equal(same, Identity.KeyOf(one) == Identity.KeyOf(other));

    [Theory]
    [InlineData("http://h/calendar/2026/11", "http://h/calendar/2026/12", true)]
    [InlineData("http://h/list?page=9", "http://h/list?page=10", true)]
    [InlineData("http://h/a/1", "http://h/b/1", false)]
    [InlineData("http://h/a1", "http://h/a", false)]
    public void URLs_of_one_shape_differ_in_their_numbers_alone(string one, string other, bool same) => Assert.Equal(same, UrlShape.IsSame(one, other));

    [Theory]
    [InlineData("http://h/a/b/a/b/a/b?a/a/a/a", 3)]
    [InlineData("http://h/", 0)]
    [InlineData("http://h", 0)]
    [InlineData("http://h/a//a///", 2)]
    public void Repetitions_of_a_segment_are_counted(string url, int count) => Assert.Equal(count, UrlShape.Repetitions(url));
}
