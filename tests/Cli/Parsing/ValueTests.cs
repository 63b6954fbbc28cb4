using Codomyrmex.Networking.Cli.Parsing;

namespace Codomyrmex.Networking.Tests.Cli.Parsing;

public class ValueTests
{
    [Theory]
    [InlineData("500ms", 500)]
    [InlineData("10s", 10_000)]
    [InlineData("2m", 120_000)]
    [InlineData("1h", 3_600_000)]
    [InlineData("3", 3_000)]
    [InlineData("0.25", 250)]
    [InlineData("1.5s", 1_500)]
    public void A_duration_has_a_unit_or_is_seconds(string text, int milliseconds) =>
        Assert.Equal(TimeSpan.FromMilliseconds(milliseconds), DurationText.Parse(text));

    [Theory]
    [InlineData("")]
    [InlineData("s")]
    [InlineData("0")]
    [InlineData("-1s")]
    [InlineData("10x")]
    [InlineData("1e3")]
    [InlineData("1,5")]
    [InlineData("100000h")]
    public void Another_text_is_no_duration(string text) => Assert.Throws<FormatException>(() => DurationText.Parse(text));

    [Theory]
    [InlineData("1000", 1000)]
    [InlineData("64k", 65536)]
    [InlineData("10M", 10485760)]
    [InlineData("2G", 2147483648)]
    public void A_size_has_a_unit_or_is_bytes(string text, long bytes) => Assert.Equal(bytes, NumberText.Size(text));

    [Theory]
    [InlineData("")]
    [InlineData("k")]
    [InlineData("-1")]
    [InlineData("9999999999999999999G")]
    [InlineData("9223372036854775807G")]
    public void Another_text_is_no_size(string text) => Assert.Throws<FormatException>(() => NumberText.Size(text));

    [Theory]
    [InlineData("example.com:443:192.0.2.1", "example.com:443", "192.0.2.1")]
    [InlineData("example.com:443:2001:db8::1", "example.com:443", "2001:db8::1")]
    [InlineData("example.com:443:[2001:db8::1]", "example.com:443", "2001:db8::1")]
    [InlineData("a:1:192.0.2.1,192.0.2.2", "a:1", "192.0.2.1 192.0.2.2")]
    public void A_pin_has_host_port_and_addresses(string text, string key, string addresses)
    {
        var pin = AddressText.ParsePin(text);
        Assert.Equal(key, pin.Key);
        Assert.Equal(addresses, string.Join(' ', pin.Addresses.Select(address => address.ToString())));
    }

    [Theory]
    [InlineData("example.com")]
    [InlineData("example.com:443")]
    [InlineData(":443:192.0.2.1")]
    [InlineData("a:0:192.0.2.1")]
    [InlineData("a:99999:192.0.2.1")]
    [InlineData("a:1:nowhere")]
    [InlineData("a:1:1")]
    public void Another_text_is_no_pin(string text) => Assert.Throws<FormatException>(() => AddressText.ParsePin(text));

    [Theory]
    [InlineData("192.0.2.1", "192.0.2.1:53")]
    [InlineData("192.0.2.1:5353", "192.0.2.1:5353")]
    [InlineData("2001:db8::1", "[2001:db8::1]:53")]
    [InlineData("[2001:db8::1]:5353", "[2001:db8::1]:5353")]
    public void A_name_server_has_an_address_and_perhaps_a_port(string text, string server) =>
        Assert.Equal(server, AddressText.ParseServer(text).ToString());

    [Theory]
    [InlineData("dns.example")]
    [InlineData("192.0.2.1:0")]
    [InlineData("192.0.2.1:x")]
    [InlineData("1:53")]
    public void Another_text_is_no_name_server(string text) => Assert.Throws<FormatException>(() => AddressText.ParseServer(text));

    [Theory]
    [InlineData("db:5432", "db:5432")]
    [InlineData("[::1]:443", "[::1]:443")]
    [InlineData("192.0.2.1:80", "192.0.2.1:80")]
    [InlineData("::1:443", null)]
    [InlineData("db", null)]
    [InlineData("db:0", null)]
    [InlineData("http://db:80", null)]
    public void An_endpoint_has_a_host_and_a_port(string text, string? endpoint) =>
        Assert.Equal(endpoint, AddressText.TryParseEndpoint(text)?.ToString());

    [Theory]
    [InlineData("https://a/b", "https://a/b")]
    [InlineData("example.com/x", "https://example.com/x")]
    [InlineData("localhost:8080/x", "http://localhost:8080/x")]
    [InlineData("localhost.example.com", "https://localhost.example.com")]
    [InlineData("127.0.0.1:1", "http://127.0.0.1:1")]
    [InlineData("[::1]:1/", "http://[::1]:1/")]
    [InlineData(":8080/x", "http://localhost:8080/x")]
    [InlineData(":/x", "http://localhost/x")]
    public void A_url_without_a_scheme_is_completed(string text, string url) => Assert.Equal(url, TargetUrl.Complete(text));
}
