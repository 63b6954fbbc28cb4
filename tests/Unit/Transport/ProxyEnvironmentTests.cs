using Codomyrmex.Networking.Transport;

namespace Codomyrmex.Networking.Tests.Unit.Transport;

public class ProxyEnvironmentTests
{
    [Theory]
    [InlineData("https", "https_proxy=http://a:1;HTTPS_PROXY=http://b:2;all_proxy=http://c:3", "http://a:1")]
    [InlineData("https", "HTTPS_PROXY=http://b:2;all_proxy=http://c:3", "http://b:2")]
    [InlineData("https", "all_proxy=socks5h://c:3;ALL_PROXY=http://d:4", "socks5h://c:3")]
    [InlineData("https", "ALL_PROXY=http://d:4", "http://d:4")]
    [InlineData("https", "https_proxy=;HTTPS_PROXY= ;ALL_PROXY=http://d:4", "http://d:4")]
    [InlineData("https", "http_proxy=http://a:1", null)]
    [InlineData("http", "http_proxy=a:1", "http://a:1")]
    [InlineData("http", "HTTP_PROXY=http://b:2", "http://b:2")]
    [InlineData("HTTPS", "https_proxy=http://a:1", "http://a:1")]
    [InlineData("ws", "http_proxy=http://a:1", "http://a:1")]
    [InlineData("wss", "https_proxy=http://a:1", "http://a:1")]
    [InlineData("ssh", "ssh_proxy=socks5://a:1", "socks5://a:1")]
    [InlineData("ssh", "https_proxy=http://a:1", null)]
    [InlineData("https", "", null)]
    public void The_first_variable_that_is_set_wins(string scheme, string variables, string? proxy) =>
        Assert.Equal(proxy, ProxyOptions.FromEnvironment(scheme, Read(variables))?.ToString());

    [Fact]
    public void In_a_CGI_process_the_upper_case_variable_is_a_request_header_and_ignored()
    {
        Assert.Null(ProxyOptions.FromEnvironment("http", Read("REQUEST_METHOD=GET;HTTP_PROXY=http://evil:1")));
        Assert.Null(ProxyOptions.FromEnvironment("ws", Read("REQUEST_METHOD=GET;HTTP_PROXY=http://evil:1")));
        Assert.Equal("http://b:2", ProxyOptions.FromEnvironment("https", Read("REQUEST_METHOD=GET;HTTPS_PROXY=http://b:2"))?.ToString());
        if (!OperatingSystem.IsWindows())
            Assert.Equal("http://a:1", ProxyOptions.FromEnvironment("http", Read("REQUEST_METHOD=GET;http_proxy=http://a:1"))?.ToString());
    }

    [Fact]
    public void No_proxy_is_split_at_commas_and_blanks_and_lower_case_wins()
    {
        var proxy = ProxyOptions.FromEnvironment("https", Read("https_proxy=http://a:1;no_proxy=localhost, .b.example,,10.0.0.0/8 ;NO_PROXY=*"))!;
        Assert.Equal(["localhost", ".b.example", "10.0.0.0/8"], proxy.NoProxy);
        Assert.Equal(["*"], ProxyOptions.FromEnvironment("https", Read("https_proxy=http://a:1;NO_PROXY=*"))!.NoProxy);
    }

    [Fact]
    public void A_proxy_of_the_environment_is_not_trusted_for_egress() =>
        Assert.False(ProxyOptions.FromEnvironment("https", Read("https_proxy=http://a:1"))!.TrustedForEgress);

    [Fact]
    public void The_environment_is_not_read_unasked() => Assert.Null(TransportOptions.Default.Proxy);

    [Theory]
    [InlineData("https_proxy=ftp://user:c4nary@a:1")]
    [InlineData("https_proxy=http://user:c4nary@a:99999")]
    [InlineData("https_proxy=user:c4nary@a b:1")]
    [InlineData("https_proxy=http://user:c4nary/x@a:1")]
    [InlineData("https_proxy=http://user:c4nary%0d%0a@a:1")]
    public void A_malformed_variable_is_named_without_its_password(string variables)
    {
        var error = Assert.Throws<FormatException>(() => ProxyOptions.FromEnvironment("https", Read(variables)));
        Assert.Contains("https_proxy", error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("c4nary", error.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void A_malformed_no_proxy_is_an_error_not_a_hole()
    {
        var error = Assert.Throws<FormatException>(() => ProxyOptions.FromEnvironment("https", Read("https_proxy=http://a:1;NO_PROXY=ok,10.0.0.0/99")));
        Assert.Contains("10.0.0.0/99", error.Message, StringComparison.Ordinal);
    }

    private static Func<string, string?> Read(string variables)
    {
        var all = variables.Split(';', StringSplitOptions.RemoveEmptyEntries).Select(v => v.Split('=', 2)).ToDictionary(v => v[0], v => v[1]);
        return name => all.GetValueOrDefault(name);
    }
}
