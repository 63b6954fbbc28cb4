using Codomyrmex.Networking.Security;
using CsCheck;

namespace Codomyrmex.Networking.Tests.Unit.Security;

public class PolicyFileTests
{
    [Fact]
    public void A_policy_file_holds_preset_rules_and_schemes()
    {
        var policy = EgressPolicy.Parse("""
            {
              "preset": "public-only", // comments are welcome
              "allow": ["10.0.0.0/8:80,443", "*.intranet.example"],
              "deny": ["*:22"],
              "schemes": ["https", "wss"]
            }
            """);
        var same = EgressPolicy.PublicInternetOnly.Allowing("10.0.0.0/8:80,443", "*.intranet.example").Denying("*:22");
        Assert.Equal(same.WithSchemes("https", "wss"), policy);
        Assert.Equal(EgressPolicy.Unrestricted, EgressPolicy.Parse("""{"preset":"unrestricted"}"""));
        Assert.Equal(EgressPolicy.Nothing, EgressPolicy.Parse("""{"preset":"nothing","allow":[],"deny":[]}"""));
    }

    [Theory]
    [InlineData("""{"preset":"public-only","alow":[]}""", "unknown property 'alow'")]
    [InlineData("""{"preset":"public-only","Allow":[]}""", "unknown property 'Allow'")]
    [InlineData("""{"preset":"publik"}""", "'publik' is no egress policy")]
    [InlineData("""{"allow":[]}""", "'preset' is missing")]
    [InlineData("""{"preset":null}""", "'preset' holds something that is not text")]
    [InlineData("""{"preset":"nothing","allow":"a"}""", "'allow' is not a list")]
    [InlineData("""{"preset":"nothing","deny":[1]}""", "'deny' holds something that is not text")]
    [InlineData("""{"preset":"nothing","deny":["a:0"]}""", "'a:0': '0' is not a port")]
    [InlineData("""{"preset":"nothing","schemes":[]}""", "schemes is empty")]
    [InlineData("""{"preset":"nothing","preset":"unrestricted"}""", "not valid JSON")]
    [InlineData("""{"preset":"nothing","deny":[[[[[1]]]]]}""", "not valid JSON")]
    [InlineData("""{"preset":"\ud800"}""", "not valid JSON")]
    [InlineData("""{"preset":"nothing"} x""", "not valid JSON")]
    [InlineData("[]", "not a JSON object")]
    [InlineData("", "not valid JSON")]
    public void A_malformed_file_is_refused_and_its_bad_part_named(string json, string named) =>
        Assert.Contains(named, Assert.Throws<FormatException>(() => EgressPolicy.Parse(json)).Message);

    [Fact]
    public void Size_is_bounded()
    {
        Assert.Throws<FormatException>(() => EgressPolicy.Parse(new string(' ', 2_000_000)));
        var many = string.Join(',', Enumerable.Repeat("\"a\"", 10_001));
        var error = Assert.Throws<FormatException>(() => EgressPolicy.Parse($$"""{"preset":"nothing","allow":[{{many}}]}"""));
        Assert.Contains("more than 10000", error.Message);
    }

    [Fact]
    public void Random_text_gives_a_policy_or_a_format_error()
    {
        var fragment = Gen.OneOf("{", "}", "[", "]", ",", ":", "\"preset\"", "\"nothing\"", "\"allow\"", "\"deny\"", "\"a:0\"", "\"*\"",
            "1e999", "null", "\"\\ud800\"", "\uD800");
        Gen.Frequency((1, Gen.String), (3, fragment.Array[0, 12].Select(string.Concat))).Sample(text =>
        {
            try
            {
                EgressPolicy.Parse(text);
            }
            catch (FormatException)
            {
            }
        }, iter: 20_000);
    }
}
