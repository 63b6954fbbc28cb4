using Codomyrmex.Networking.Http;
using Codomyrmex.Networking.Http.Protocol;
using Microsoft.Extensions.Time.Testing;

namespace Codomyrmex.Networking.Tests.Unit.Http;

/// <summary>Storing and finding cookies, rule by rule of RFC 6265bis.</summary>
public class CookieJarTests
{
    private readonly FakeTimeProvider _clock = new(new DateTimeOffset(2026, 11, 25, 12, 0, 0, TimeSpan.Zero));

    private CookieJar Jar(CookieJarOptions? options = null) => new((options ?? new()) with { Clock = _clock });

    /// <summary>What a request to one URL sends after another URL has set a cookie.</summary>
    private string? After(string setBy, string setCookie, string askedBy)
    {
        var jar = Jar();
        jar.Set(new Uri(setBy), setCookie);
        return jar.HeaderFor(new Uri(askedBy));
    }

    [Theory]
    [InlineData("a=b", "a=b")]
    [InlineData("a=b=c", "a=b=c")]
    [InlineData(" a \t=\t b ; x", "a=b")]
    [InlineData("a=\"b c\"", "a=\"b c\"")]
    [InlineData("a=", "a=")]
    [InlineData("value", "value")]
    [InlineData("=value", "value")]
    [InlineData("a=b;;;=x; ; Path", "a=b")]
    [InlineData("a=b, c=d", "a=b, c=d")]
    [InlineData("a=\u00e9", "a=\u00e9")]
    [InlineData("a\tb=c\td", "a\tb=c\td")]
    public void Name_and_value_are_sent_as_they_were_set(string setCookie, string sent) => Assert.Equal(sent, After("http://a.test/", setCookie, "http://a.test/"));

    [Theory]
    [InlineData("")]
    [InlineData("=")]
    [InlineData(" = ; Path=/")]
    [InlineData("a=b\0")]
    [InlineData("a=b\n")]
    [InlineData("a=b\r; Path=/")]
    [InlineData("a=b; Path=/\x1f")]
    [InlineData("a\x01=b")]
    [InlineData("a=b\x7f")]
    [Trait("Cve", "32")]
    public void Cookie_without_content_or_with_control_bytes_is_not_stored(string setCookie)
    {
        var jar = Jar();
        Assert.False(jar.Set(new Uri("http://a.test/"), setCookie));
        Assert.Equal(0, jar.Count);
    }

    [Fact]
    public void Name_and_value_have_4096_characters_at_most_and_an_attribute_1024()
    {
        var jar = Jar();
        Assert.True(jar.Set(new Uri("http://a.test/"), "a=" + new string('x', 4095)));
        Assert.False(jar.Set(new Uri("http://a.test/"), "b=" + new string('x', 4096)));
        jar.Set(new Uri("http://a.test/x/y"), "c=1; Path=/" + new string('p', 1024));
        Assert.Equal("/x", jar.Cookies.Single(cookie => cookie.Name == "c").Path);
    }

    [Theory]
    [InlineData("http://a.test/", "a=b", "http://a.test/", true)]
    [InlineData("http://a.test/", "a=b", "http://sub.a.test/", false)]
    [InlineData("http://a.test/", "a=b; Domain=a.test", "http://sub.a.test/", true)]
    [InlineData("http://a.test/", "a=b; Domain=.a.test", "http://sub.a.test/", true)]
    [InlineData("http://a.test/", "a=b; Domain=A.TEST", "http://deep.sub.a.test/", true)]
    [InlineData("http://a.test/", "a=b; Domain=..a.test", "http://a.test/", false)]
    [InlineData("http://a.test/", "a=b; Domain=", "http://sub.a.test/", false)]
    [InlineData("http://a.test/", "a=b; Domain=", "http://a.test/", true)]
    [InlineData("http://a.test/", "a=b; Domain=x.test; Domain=a.test", "http://sub.a.test/", true)]
    [InlineData("http://a.test/", "a=b; Domain=a.test; Domain=x.test", "http://a.test/", false)]
    [InlineData("http://sub.a.test/", "a=b; Domain=a.test", "http://other.a.test/", true)]
    [InlineData("http://sub.a.test/", "a=b; Domain=sub.a.test", "http://a.test/", false)]
    [InlineData("http://a.test/", "a=b; Domain=sub.a.test", "http://sub.a.test/", false)]
    [InlineData("http://a.test/", "a=b; Domain=a.test", "http://nota.test/", false)]
    [InlineData("http://nota.test/", "a=b; Domain=a.test", "http://a.test/", false)]
    [InlineData("http://a.test/", "a=b; Domain=b.test", "http://b.test/", false)]
    [InlineData("http://A.Test/", "a=b", "http://a.tEST/", true)]
    [InlineData("http://a.test./", "a=b", "http://a.test/", true)]
    [InlineData("http://a.test/", "a=b; Domain=a.test.", "http://a.test/", false)]
    [InlineData("http://a.test:8080/", "a=b", "http://a.test:9090/", true)]
    [InlineData("http://b\u00fccher.test/", "a=b", "http://xn--bcher-kva.test/", true)]
    [InlineData("http://b\u00fccher.test/", "a=b; Domain=xn--bcher-kva.test", "http://sub.b\u00fccher.test/", true)]
    [InlineData("http://b\u00fccher.test/", "a=b; Domain=b\u00fccher.test", "http://b\u00fccher.test/", false)]
    [InlineData("http://localhost/", "a=b; Domain=localhost", "http://localhost/", true)]
    [InlineData("http://localhost/", "a=b; Domain=localhost", "http://sub.localhost/", false)]
    [InlineData("http://127.0.0.1/", "a=b", "http://127.0.0.1/", true)]
    [InlineData("http://127.0.0.1/", "a=b; Domain=127.0.0.1", "http://127.0.0.1/", true)]
    [InlineData("http://127.0.0.1/", "a=b; Domain=0.0.1", "http://127.0.0.1/", false)]
    [InlineData("http://127.0.0.1/", "a=b; Domain=.1", "http://127.0.0.1/", false)]
    [InlineData("http://[::1]/", "a=b", "http://[0:0::1]/", true)]
    [InlineData("http://[::1]/", "a=b; Domain=[::1]", "http://[::1]/", false)]
    [Trait("Cve", "32")]
    public void Cookie_goes_to_the_hosts_it_was_set_for(string setBy, string setCookie, string askedBy, bool isSent) =>
        Assert.Equal(isSent ? "a=b" : null, After(setBy, setCookie, askedBy));

    [Theory]
    [InlineData("http://example.com/", "com", false)]
    [InlineData("http://example.co.uk/", "co.uk", false)]
    [InlineData("http://example.co.uk/", "CO.UK", false)]
    [InlineData("http://example.co.uk/", "co.uk.", false)]
    [InlineData("http://example.co.uk/", "uk", false)]
    [InlineData("http://me.github.io/", "github.io", false)]
    [InlineData("http://x.unlisted/", "unlisted", false)]
    [InlineData("http://b.c.kobe.jp/", "c.kobe.jp", false)]
    [InlineData("http://www.city.kobe.jp/", "city.kobe.jp", true)]
    [InlineData("http://www.example.co.uk/", "example.co.uk", true)]
    [InlineData("http://x.xn--55qx5d.cn/", "xn--55qx5d.cn", false)]
    [Trait("Cve", "32")]
    public void Public_suffix_is_refused_in_any_case_and_spelling(string setBy, string domain, bool isStored)
    {
        var jar = Jar();
        Assert.Equal(isStored, jar.Set(new Uri(setBy), $"a=b; Domain={domain}"));
        Assert.Equal(isStored ? 1 : 0, jar.Count);
    }

    [Fact]
    public void Host_that_is_a_public_suffix_keeps_its_cookie_to_itself()
    {
        Assert.Equal("a=b", After("http://github.io/", "a=b; Domain=github.io", "http://github.io/"));
        Assert.Null(After("http://github.io/", "a=b; Domain=github.io", "http://me.github.io/"));
    }

    [Theory]
    [InlineData("/dir/page", "", "/dir/other", true)]
    [InlineData("/dir/page", "", "/dir", true)]
    [InlineData("/dir/page", "", "/dir/", true)]
    [InlineData("/dir/page", "", "/directory", false)]
    [InlineData("/dir/page", "", "/", false)]
    [InlineData("/page", "", "/anything", true)]
    [InlineData("/dir/", "", "/dir/x", true)]
    [InlineData("/a/b", "; Path=/", "/z", true)]
    [InlineData("/a/b", "; Path=/x", "/x/y", true)]
    [InlineData("/a/b", "; Path=/x", "/xy", false)]
    [InlineData("/a/b", "; Path=/x/", "/x/y", true)]
    [InlineData("/a/b", "; Path=/x/", "/x", false)]
    [InlineData("/a/b", "; Path=x", "/a/c", true)]
    [InlineData("/a/b", "; Path=", "/a/c", true)]
    [InlineData("/a/b", "; Path=/x; Path=/y", "/y", true)]
    [InlineData("/a/b", "; Path=/x; Path=", "/a", true)]
    [InlineData("/a/b", "; Path=/X", "/x", false)]
    [InlineData("/a/b", "", "/a/c?/d", true)]
    [Trait("Cve", "32")]
    public void Cookie_goes_to_its_path_and_below(string setBy, string attributes, string asked, bool isSent) =>
        Assert.Equal(isSent ? "a=b" : null, After("http://a.test" + setBy, "a=b" + attributes, "http://a.test" + asked));

    [Fact]
    public void Secure_cookie_is_set_and_sent_over_https_alone()
    {
        Assert.Null(After("http://a.test/", "a=b; Secure", "https://a.test/"));
        Assert.Null(After("https://a.test/", "a=b; secure", "http://a.test/"));
        Assert.Equal("a=b", After("https://a.test/", "a=b; Secure=no", "https://a.test/"));
        Assert.Equal("a=b", After("https://a.test/", "a=b", "http://a.test/"));
    }

    [Theory]
    [InlineData("http://a.test/", "id=evil", false)]
    [InlineData("http://a.test/login/deep", "id=evil; Path=/login/deep", false)]
    [InlineData("http://a.test/login", "id=evil; Path=/log", true)]
    [InlineData("http://sub.a.test/", "id=evil; Domain=a.test; Path=/login", false)]
    [InlineData("http://sub.a.test/login", "id=evil; Path=/login", false)]
    [InlineData("http://other.test/login", "id=evil; Path=/login", true)]
    [InlineData("http://a.test/login", "name=evil; Path=/login", true)]
    [InlineData("https://a.test/login", "id=mine; Path=/login", true)]
    public void Secure_cookie_is_not_overwritten_or_shadowed_without_tls(string setBy, string setCookie, bool isStored)
    {
        var jar = Jar();
        jar.Set(new Uri("https://a.test/"), "id=good; Domain=a.test; Secure; Path=/login");
        // Cookies at a shorter path do not shadow one at a longer path: the longer is sent first.
        var isShorter = setCookie == "id=evil";
        Assert.Equal(isStored || isShorter, jar.Set(new Uri(setBy), setCookie));
        if (!setCookie.StartsWith("id=mine", StringComparison.Ordinal))
            Assert.StartsWith("id=good", jar.HeaderFor(new Uri("https://a.test/login"))!, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("https://a.test/", "__Secure-a=b; Secure", true)]
    [InlineData("https://a.test/", "__Secure-a=b", false)]
    [InlineData("http://a.test/", "__Secure-a=b; Secure", false)]
    [InlineData("https://a.test/", "__SECURE-a=b", false)]
    [InlineData("https://a.test/", "__Host-a=b; Secure; Path=/", true)]
    [InlineData("https://a.test/", "__Host-a=b; Secure", false)]
    [InlineData("https://a.test/", "__Host-a=b; Secure; Path=/x", false)]
    [InlineData("https://a.test/", "__Host-a=b; Path=/", false)]
    [InlineData("https://a.test/", "__host-a=b; Secure; Path=/; Domain=a.test", false)]
    [InlineData("https://a.test/", "__Host-a=b; Secure; Path=/; Domain=", true)]
    [InlineData("https://a.test/", "=__Secure-a=b; Secure", false)]
    [InlineData("https://a.test/", "__Host-a", false)]
    [InlineData("https://a.test/", "__Other-a=b", true)]
    public void Prefix_of_a_name_is_a_promise_that_is_held(string setBy, string setCookie, bool isStored) =>
        Assert.Equal(isStored, Jar().Set(new Uri(setBy), setCookie));

    [Theory]
    [InlineData("Max-Age=100", 100L)]
    [InlineData("max-age=100; Expires=Wed, 25 Nov 2026 12:00:10 GMT", 100L)]
    [InlineData("Expires=Wed, 25 Nov 2026 12:00:10 GMT; Max-Age=100", 100L)]
    [InlineData("Max-Age=1; Max-Age=100", 100L)]
    [InlineData("Max-Age=100; Max-Age=soon", 100L)]
    [InlineData("Expires=Wed, 25 Nov 2026 12:00:10 GMT", 10L)]
    [InlineData("Expires=Wed, 25 Nov 2026 12:00:10 GMT; Max-Age=", 10L)]
    [InlineData("Expires=Wed, 25 Nov 2026 12:00:10 GMT; Max-Age=1.5", 10L)]
    [InlineData("Expires=Wed, 25 Nov 2026 12:00:10 GMT; Max-Age=+5", 10L)]
    [InlineData("Expires=Wed, 25 Nov 2026 12:00:05 GMT; Expires=Wed, 25 Nov 2026 12:00:10 GMT", 10L)]
    [InlineData("Expires=whenever", null)]
    [InlineData("", null)]
    [InlineData("Max-Age=99999999999", 400 * 24 * 3600L)]
    [InlineData("Max-Age=99999999999999999999999999999", 400 * 24 * 3600L)]
    [InlineData("Expires=Fri, 25 Nov 2050 12:00:00 GMT", 400 * 24 * 3600L)]
    public void Max_age_comes_before_expires_and_neither_exceeds_400_days(string attributes, long? seconds)
    {
        var jar = Jar();
        jar.Set(new Uri("http://a.test/"), "a=b; " + attributes);
        Assert.Equal(seconds is { } count ? _clock.GetUtcNow().AddSeconds(count) : null, Assert.Single(jar.Cookies).ExpiresAt);
    }

    [Fact]
    public void Cookie_is_sent_until_it_expires()
    {
        var jar = Jar();
        jar.Set(new Uri("http://a.test/"), "a=b; Max-Age=10");
        _clock.Advance(TimeSpan.FromSeconds(9));
        Assert.Equal("a=b", jar.HeaderFor(new Uri("http://a.test/")));
        _clock.Advance(TimeSpan.FromSeconds(1));
        Assert.Empty(jar.Cookies);
        Assert.Null(jar.HeaderFor(new Uri("http://a.test/")));
        Assert.Equal(0, jar.Count);
    }

    [Theory]
    [InlineData("Max-Age=0")]
    [InlineData("Max-Age=-1")]
    [InlineData("Expires=Thu, 01 Jan 1970 00:00:00 GMT")]
    [InlineData("Max-Age=0; Expires=Fri, 25 Nov 2050 12:00:00 GMT")]
    public void Cookie_that_has_ended_removes_the_one_before(string attributes)
    {
        var jar = Jar();
        jar.Set(new Uri("http://a.test/"), "a=b");
        Assert.True(jar.Set(new Uri("http://a.test/"), "a=; " + attributes));
        Assert.Equal(0, jar.Count);
        Assert.False(jar.Set(new Uri("http://a.test/"), "a=; " + attributes));
    }

    [Fact]
    public void Same_name_domain_and_path_replace_and_keep_the_day_of_creation()
    {
        var jar = Jar();
        jar.Set(new Uri("http://a.test/"), "a=1");
        _clock.Advance(TimeSpan.FromSeconds(1));
        jar.Set(new Uri("http://a.test/"), "b=1");
        jar.Set(new Uri("http://a.test/"), "a=2");
        jar.Set(new Uri("http://a.test/"), "a=3; Domain=a.test");
        Assert.Equal("a=2; b=1; a=3", jar.HeaderFor(new Uri("http://a.test/")));
        Assert.Equal(_clock.GetUtcNow().AddSeconds(-1), jar.Cookies[0].CreatedAt);
    }

    [Fact]
    public void Longer_paths_come_first_then_the_older()
    {
        var jar = Jar();
        foreach (var cookie in (string[])["one=1; Path=/", "two=2; Path=/a", "three=3; Path=/", "four=4; Path=/a/b", "five=5; Path=/a"])
        {
            jar.Set(new Uri("http://a.test/"), cookie);
            _clock.Advance(TimeSpan.FromSeconds(1));
        }
        Assert.Equal("four=4; two=2; five=5; one=1; three=3", jar.HeaderFor(new Uri("http://a.test/a/b/c")));
    }

    [Theory]
    [InlineData("SameSite=Strict", CookieSameSite.Strict)]
    [InlineData("samesite=lax", CookieSameSite.Lax)]
    [InlineData("SameSite=None", CookieSameSite.None)]
    [InlineData("SameSite=other", CookieSameSite.Unspecified)]
    [InlineData("", CookieSameSite.Unspecified)]
    public void Same_site_and_http_only_are_stored(string attribute, CookieSameSite expected)
    {
        var jar = Jar();
        jar.Set(new Uri("http://a.test/"), "a=b; HttpOnly; " + attribute);
        Assert.Equal((expected, true), (jar.Cookies[0].SameSite, jar.Cookies[0].IsHttpOnly));
    }

    [Fact]
    public void Site_with_too_many_cookies_loses_the_longest_unused_those_without_secure_first()
    {
        var jar = Jar(new CookieJarOptions { PerSite = 3 });
        foreach (var (url, cookie) in new[] { ("https://a.test/", "s=1; Secure"), ("http://a.test/", "old=1"), ("http://sub.a.test/", "new=1"), ("http://b.test/", "other=1") })
        {
            jar.Set(new Uri(url), cookie);
            _clock.Advance(TimeSpan.FromSeconds(1));
        }
        jar.HeaderFor(new Uri("http://a.test/"));
        _clock.Advance(TimeSpan.FromSeconds(1));
        jar.Set(new Uri("http://x.a.test/"), "last=1");
        Assert.Equal(["s", "old", "other", "last"], jar.Cookies.Select(cookie => cookie.Name));
    }

    [Fact]
    public void Full_jar_loses_what_has_expired_then_the_longest_unused_whoever_set_it()
    {
        var jar = Jar(new CookieJarOptions { Total = 3 });
        foreach (var (url, cookie) in new[] { ("http://a.test/", "a=1"), ("http://b.test/", "b=1; Max-Age=2"), ("http://c.test/", "c=1") })
        {
            jar.Set(new Uri(url), cookie);
            _clock.Advance(TimeSpan.FromSeconds(1));
        }
        jar.Set(new Uri("http://d.test/"), "d=1");
        Assert.Equal(["a", "c", "d"], jar.Cookies.Select(cookie => cookie.Name));
        _clock.Advance(TimeSpan.FromSeconds(1));
        jar.Set(new Uri("http://e.test/"), "e=1");
        Assert.Equal(["c", "d", "e"], jar.Cookies.Select(cookie => cookie.Name));
        Assert.Equal(3, jar.Count);
    }

    [Fact]
    public void Session_ends_and_cookies_are_removed()
    {
        var jar = Jar();
        jar.Set(new Uri("http://a.test/"), "session=1");
        jar.Set(new Uri("http://a.test/"), "kept=1; Max-Age=10");
        jar.Set(new Uri("http://b.test/"), "other=1; Max-Age=10");
        Assert.Equal((1, 2), (jar.EndSession(), jar.Count));
        Assert.Equal((1, 1), (jar.Remove(cookie => cookie.Domain == "b.test"), jar.Count));
        jar.Clear();
        Assert.Equal(0, jar.Count);
    }

    [Fact]
    public void Value_never_prints()
    {
        var jar = Jar();
        jar.Set(new Uri("http://a.test/"), "a=canary");
        Assert.DoesNotContain("canary", $"{jar} {jar.Cookies[0]}");
    }

    [Fact]
    public void Cookies_of_a_request_cost_one_string()
    {
        var jar = Jar();
        var url = new Uri("https://service.test/a/b");
        jar.Set(url, "session=0123456789abcdef; Path=/; Secure");
        jar.Set(url, "theme=dark; Path=/");
        for (var i = 0; i < 10; i++)
            jar.HeaderFor(url, "service.test");
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < 100; i++)
            jar.HeaderFor(url, "service.test");
        Assert.InRange((GC.GetAllocatedBytesForCurrentThread() - before) / 100, 1, 150);
    }

    [Fact]
    public void Wrong_settings_are_named()
    {
        Assert.Contains("PerSite", Assert.Throws<ArgumentException>(() => new CookieJar(new() { PerSite = 0 })).Message);
        Assert.Contains("Total", Assert.Throws<ArgumentException>(() => new CookieJar(new() { Total = 0 })).Message);
    }

    [Theory]
    [InlineData("Wed, 21 Oct 2026 07:28:00 GMT", "2026-10-21T07:28:00Z")]
    [InlineData("Wednesday, 21-Oct-26 07:28:00 GMT", "2026-10-21T07:28:00Z")]
    [InlineData("Wed Oct 21 07:28:00 2026", "2026-10-21T07:28:00Z")]
    [InlineData("21 oct 70 7:8:9", "1970-10-21T07:08:09Z")]
    [InlineData("21 oct 69 7:8:9", "2069-10-21T07:08:09Z")]
    [InlineData("07:28:00 2026 October 21st", "2026-10-21T07:28:00Z")]
    [InlineData("Wed, 21 Oct 2026 07:28:00", "2026-10-21T07:28:00Z")]
    [InlineData("Thu,01/Jan/1970;00:00:01", "1970-01-01T00:00:01Z")]
    [InlineData("31 Feb 2026 00:00:00", null)]
    [InlineData("21 Oct 1600 00:00:00", null)]
    [InlineData("21 Oct 2026 24:00:00", null)]
    [InlineData("21 Oct 2026 00:60:00", null)]
    [InlineData("0 Oct 2026 00:00:00", null)]
    [InlineData("21 Oct 12026 00:00:00", null)]
    [InlineData("21 Oct 2026", null)]
    [InlineData("now", null)]
    [InlineData("", null)]
    public void Dates_are_read_in_every_form_that_servers_write(string text, string? expected) =>
        Assert.Equal(expected is null ? null : DateTimeOffset.Parse(expected, System.Globalization.CultureInfo.InvariantCulture), CookieDate.Parse(text));
}
