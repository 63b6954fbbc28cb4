using Codomyrmex.Networking.Http.Internal;
using Codomyrmex.Networking.Http.Protocol;

namespace Codomyrmex.Networking.Tests.Unit.Http;

/// <summary>
/// Parsers fed a megabyte made to slow them down. Linear work on it takes milliseconds, quadratic work minutes: three seconds tell them
/// apart on a machine however busy.
/// </summary>
[Trait("Cve", "18")]
public class CveParserTimeTests
{
    private static readonly Uri Base = new("http://a.test/");

    private static readonly string[] Patterns =
        ["<", "<>", "<a>;", "<a>;rel=", "<a>;rel=\"x\",", "<a>;rel=\"", "<a>;rel=\"\\\"", ";", ",", "\"", "\\", "=", " ", "\t", "a", "a=", "a;a=", "=;", "; charset=", "charset=\"", "-", ":", "0", ".", "\u00e9"];

    public static TheoryData<string, string> Cases()
    {
        var data = new TheoryData<string, string>();
        foreach (var parser in new[] { "Link", "Retry-After", "Set-Cookie", "Content-Type", "redaction", "meta", "RateLimit" })
        {
            foreach (var pattern in Patterns)
                data.Add(parser, pattern);
        }
        return data;
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void A_megabyte_of_a_hostile_pattern_is_read_at_once(string parser, string pattern)
    {
        var text = Repeat(pattern, 1 << 20);
        var fastest = TimeSpan.MaxValue;
        for (var i = 0; i < 3 && fastest >= TimeSpan.FromSeconds(3); i++)
            fastest = Measure(parser, text);
        Assert.InRange(fastest, TimeSpan.Zero, TimeSpan.FromSeconds(3));
    }

    [Fact]
    public void Many_fields_with_many_links_give_a_bounded_number_of_links()
    {
        var field = Repeat("<a>; rel=\"n n n n\",", 1 << 18);
        Assert.InRange(LinkField.Parse([field, field], Base).Count, 1, 10_000);
    }

    private static string Repeat(string pattern, int length) => string.Concat(Enumerable.Repeat(pattern, length / pattern.Length));

    private static TimeSpan Measure(string parser, string text)
    {
        var start = TimeProvider.System.GetTimestamp();
        switch (parser)
        {
            case "Link":
                LinkField.Parse([text], Base);
                break;
            case "Retry-After":
                RetryAfter.Parse(text, 1000, TimeProvider.System);
                break;
            case "Set-Cookie":
                SetCookie.Parse([text, .. Enumerable.Repeat(text[..Math.Min(text.Length, 8000)], 20)], Base);
                break;
            case "Content-Type":
                MediaType.Parse(text);
                break;
            case "RateLimit":
                var limits = new RateLimitFields(DateTimeOffset.UnixEpoch, text);
                foreach (var name in (string[])["RateLimit", "RateLimit-Policy", "x-ratelimit-limit", "x-ratelimit-reset", text])
                    limits.Add(RateLimitFields.IsOne(name, out var rest) ? rest : name, text);
                break;
            case "redaction":
                Redactor.Redact(text);
                break;
            default:
                TextDecoding.Decode(System.Text.Encoding.Latin1.GetBytes("<meta " + text), new MediaType("text/html", null));
                break;
        }
        return TimeProvider.System.GetElapsedTime(start);
    }
}
