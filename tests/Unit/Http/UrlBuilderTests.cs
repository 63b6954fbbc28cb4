using System.Globalization;
using Codomyrmex.Networking.Http;

namespace Codomyrmex.Networking.Tests.Unit.Http;

public class UrlBuilderTests
{
    [Theory]
    [InlineData("a b", "a%20b")]
    [InlineData("a/b", "a%2Fb")]
    [InlineData("..%2f", "..%252f")]
    [InlineData("a?b#c", "a%3Fb%23c")]
    [InlineData("\u00fc", "%C3%BC")]
    [InlineData("a\\b", "a%5Cb")]
    [InlineData("a;b=c", "a%3Bb%3Dc")]
    public void Segment_is_escaped_so_that_it_stays_one_segment(string segment, string escaped)
    {
        Assert.Equal("http://a.test/x/" + escaped, UrlBuilder.Parse("http://a.test/x/").Segment(segment));
        Assert.Equal($"http://a.test/x/{escaped}/end?q=1#f", UrlBuilder.Parse("http://a.test/x?q=1#f").Segment(segment).Segment("end"));
    }

    [Theory]
    [InlineData("")]
    [InlineData(".")]
    [InlineData("..")]
    public void Segment_that_would_climb_is_refused(string segment) => Assert.Throws<ArgumentException>(() => UrlBuilder.Parse("http://a.test/").Segment(segment));

    [Fact]
    public void Query_is_escaped_and_appended_in_order()
    {
        string url = UrlBuilder.Parse("/path?first=1").Query("a b", "c&d=e+f").Query("a b", "again").Query("none", null).Query("\u00fc", "").Query([new("x", "y")]);
        Assert.Equal("/path?first=1&a%20b=c%26d%3De%2Bf&a%20b=again&%C3%BC=&x=y", url);
    }

    [Fact]
    public void Builder_is_not_changed_by_what_is_built_from_it()
    {
        var builder = UrlBuilder.Parse("http://a.test/");
        _ = builder.Segment("x").Query("a", 1);
        Assert.Equal("http://a.test/", builder);
        Assert.Equal(new Uri("http://a.test/x?a=1"), builder.Segment("x").Query("a", 1).ToUri());
    }

    [Fact]
    public void Values_are_written_for_machines_whatever_the_culture_is()
    {
        var before = CultureInfo.CurrentCulture;
        var foreign = (CultureInfo)CultureInfo.InvariantCulture.Clone();
        foreign.NumberFormat.NumberDecimalSeparator = ",";
        foreign.NumberFormat.NegativeSign = "minus";
        foreign.DateTimeFormat.ShortDatePattern = "dd.MM.yyyy";
        foreign.DateTimeFormat.TimeSeparator = "-";
        try
        {
            CultureInfo.CurrentCulture = foreign;
            string url = UrlBuilder.Parse("/").Segment(1.5).Query("n", -2.25m).Query("b", true).Query("d", new DateTime(2026, 1, 2, 3, 4, 5, DateTimeKind.Utc))
                .Query("o", new DateTimeOffset(2026, 1, 2, 3, 4, 5, TimeSpan.FromHours(2))).Query("g", Guid.Empty);
            Assert.Equal("/1.5?n=-2.25&b=true&d=2026-01-02T03%3A04%3A05Z&o=2026-01-02T03%3A04%3A05%2B02%3A00&g=00000000-0000-0000-0000-000000000000", url);
        }
        finally
        {
            CultureInfo.CurrentCulture = before;
        }
    }
}
