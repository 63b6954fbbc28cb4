using System.Net;
using System.Reflection;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Codomyrmex.Networking.Transport;

namespace Codomyrmex.Networking.Tests.Unit.Transport;

public class ProxyOptionsTests
{
    private static readonly ProxyOptions Base = new() { Kind = ProxyKind.Http, Host = "proxy.example", Port = 3128 };

    [Fact]
    public void Equal_content_is_equal_and_hashes_alike()
    {
        var one = Base with { User = "u", Password = "p", NoProxy = ["a", "b"] };
        var two = Base with { User = "u", Password = "p", NoProxy = new List<string> { "a", "b" } };
        Assert.Equal(one, two);
        Assert.Equal(one.GetHashCode(), two.GetHashCode());
        Assert.Equal(TransportOptions.Default with { Proxy = one }, TransportOptions.Default with { Proxy = two });
    }

    [Fact]
    public void Every_property_takes_part_in_equality()
    {
        ProxyOptions[] changed =
        [
            Base with { Kind = ProxyKind.Https }, Base with { Host = "other" }, Base with { Port = 1 }, Base with { User = "u" },
            Base with { Password = "p" }, Base with { NoProxy = ["a"] }, Base with { TrustedForEgress = true },
        ];
        Assert.Equal(PropertiesOf<ProxyOptions>(), changed.Length);
        Assert.All(changed, other => Assert.NotEqual(Base, other));
        Assert.NotEqual(Base with { NoProxy = ["a", "b"] }, Base with { NoProxy = ["b", "a"] });
    }

    [Fact]
    public void A_list_changed_afterwards_does_not_change_the_options()
    {
        var list = new List<string> { "a" };
        var options = Base with { NoProxy = list };
        list.Add("*");
        Assert.Equal(["a"], options.NoProxy);
    }

    public static TheoryData<string, ProxyOptions> Wrong => new()
    {
        { "Host", Base with { Host = "" } },
        { "Host", Base with { Host = "a b" } },
        { "Host", Base with { Host = "a\r\nb" } },
        { "Host", Base with { Host = "http://a" } },
        { "Host", Base with { Host = "[::1]" } },
        { "Port", Base with { Port = 0 } },
        { "Port", Base with { Port = 65536 } },
        { "Kind", Base with { Kind = (ProxyKind)99 } },
        { "User", Base with { User = "c4nary\n" } },
        { "User", Base with { User = "c4nary:x" } },
        { "User", Base with { Kind = ProxyKind.Socks5, User = "" } },
        { "User", Base with { Kind = ProxyKind.Socks5, User = new string('u', 256) } },
        { "Password", Base with { User = "u", Password = "c4nary\0" } },
        { "Password", Base with { Password = "c4nary" } },
        { "Password", Base with { Kind = ProxyKind.Socks5h, User = "u", Password = new string('p', 256) } },
        { "Password", Base with { Kind = ProxyKind.Socks4a, User = "u", Password = "c4nary" } },
        { "NoProxy", Base with { NoProxy = ["10.0.0.0/99"] } },
    };

    [Theory]
    [MemberData(nameof(Wrong))]
    public void Validation_names_the_property_and_hides_the_value(string property, ProxyOptions options)
    {
        foreach (var validate in (Action[])[options.Validate, (TransportOptions.Default with { Proxy = options }).Validate])
        {
            var error = Assert.ThrowsAny<ArgumentException>(validate);
            Assert.Contains("ProxyOptions." + property, error.Message, StringComparison.Ordinal);
            Assert.DoesNotContain("c4nary", error.ToString(), StringComparison.Ordinal);
        }
    }

    [Fact]
    public void Sane_options_pass()
    {
        Base.Validate();
        (Base with { Host = "2001:db8::1", User = "u", Password = new string('p', 4000), NoProxy = ["*", "10.0.0.0/8"] }).Validate();
        (Base with { Kind = ProxyKind.Socks5, User = "u", Password = new string('p', 255) }).Validate();
        (Base with { User = "", Password = "token" }).Validate();
    }

    [Theory]
    [InlineData("socks5://u%40x:p%3A%2F@h.example:1081", "socks5://h.example:1081", "u@x", "p:/")]
    [InlineData("http://h.example", "http://h.example:80", null, null)]
    [InlineData("https://[::1]/", "https://[::1]:443", null, null)]
    [InlineData("socks4://u@h", "socks4a://h:1080", "u", null)]
    [InlineData("h:3128", "http://h:3128", null, null)]
    [InlineData("HTTP://H.Example.:3128", "http://h.example:3128", null, null)]
    [InlineData("http://bücher.example", "http://xn--bcher-kva.example:80", null, null)]
    [InlineData("http://１２７.0.0.1", "http://127.0.0.1:80", null, null)]
    [InlineData("socks5://127.1", "socks5://127.0.0.1:1080", null, null)]
    [InlineData("http://h:", "http://h:80", null, null)]
    public void Proxy_urls_are_read(string url, string shown, string? user, string? password)
    {
        var proxy = ProxyOptions.Parse(url);
        Assert.Equal((shown, user, password), (proxy.ToString(), proxy.User, proxy.Password));
    }

    [Theory]
    [InlineData("http://user:12#c4nary@host:1")]
    [InlineData("http://user:12/c4nary@host:1")]
    [InlineData("http://user:12?c4nary@host:1")]
    [InlineData("user:c4nary@ho st")]
    [InlineData("http://user:c4nary@host:0")]
    [InlineData("gopher://user:c4nary@host:1")]
    public void A_url_that_is_no_proxys_is_refused_without_its_password(string url) =>
        Assert.DoesNotContain("c4nary", Assert.Throws<FormatException>(() => ProxyOptions.Parse(url)).ToString(), StringComparison.Ordinal);

    [Theory]
    [InlineData("http://[::1]]:1080", "something other than a port after the bracket")]
    [InlineData("http://[::1]x:80", "something other than a port after the bracket")]
    [InlineData("http://[::1", "a bracket in its host that is not closed")]
    [InlineData("http://a:0/", "a port that is not a number from 1 to 65535")]
    [InlineData("http://a:65536", "a port that is not a number from 1 to 65535")]
    [InlineData("http://a:+80", "a port that is not a number from 1 to 65535")]
    [InlineData("http://a:80:90", "more than one colon after its host")]
    [InlineData("http://::1:80", "more than one colon after its host")]
    [InlineData("http://a@b@c", "'@'")]
    [InlineData("http://d\\u:p@h", "a backslash")]
    [InlineData("http://a\u00ADb", "U+00AD")]
    [InlineData("http://", "a host that is empty")]
    [InlineData("http:///a", "more than user, password, host and port")]
    [InlineData("http://256.0.0.1", "not an IPv4 address")]
    public void A_url_that_two_readers_could_read_differently_is_refused_with_the_reason(string url, string reason) =>
        Assert.Contains(reason, Assert.Throws<FormatException>(() => ProxyOptions.Parse(url)).Message, StringComparison.Ordinal);

    [Fact]
    public void Text_form_never_shows_user_or_password()
    {
        var text = $"{Base with { User = "c4nary-u", Password = "c4nary-p" }} {TransportOptions.Default with { Proxy = Base with { User = "c4nary", Password = "c4nary" } }}";
        Assert.DoesNotContain("c4nary", text, StringComparison.Ordinal);
    }

    [Fact]
    public void Tls_pins_compare_by_content_and_certificates_by_their_bytes()
    {
        Assert.Equal(new TlsOptions { Pins = ["a"] }, new TlsOptions { Pins = ["a"] });
        Assert.Equal(new TlsOptions { Pins = ["a"] }.GetHashCode(), new TlsOptions { Pins = new List<string> { "a" } }.GetHashCode());
        Assert.NotEqual(new TlsOptions { Pins = ["a"] }, new TlsOptions { Pins = ["b"] });

        // Same issuer and serial number, other keys: X509Certificate.Equals calls them equal.
        using var one = Certificate();
        using var two = Certificate();
        Assert.True(one.Equals(two));
        Assert.NotEqual(new TlsOptions { ClientCertificate = one }, new TlsOptions { ClientCertificate = two });
        using var copy = X509CertificateLoader.LoadCertificate(one.RawData);
        Assert.Equal(new TlsOptions { ClientCertificate = one }, new TlsOptions { ClientCertificate = copy });
        Assert.NotEqual(TlsOptions.Default, new TlsOptions { ClientCertificate = one });
    }

    [Fact]
    public void Every_tls_and_resolver_property_takes_part_in_equality()
    {
        using var certificate = Certificate();
        TlsOptions[] tls =
        [
            new() { MinimumVersion = System.Security.Authentication.SslProtocols.Tls13 }, new() { TrustedRoots = [] }, new() { ClientCertificate = certificate },
            new() { Pins = ["a"] }, new() { Revocation = X509RevocationMode.Online }, new() { ServerName = "a" },
            new() { AllowWeakCertificates = true }, new() { InsecureAcceptAnyCertificate = true },
        ];
        Assert.Equal(PropertiesOf<TlsOptions>(), tls.Length);
        Assert.All(tls, other => Assert.NotEqual(TlsOptions.Default, other));

        ResolverOptions[] resolver =
        [
            new() { Custom = new NoResolver() }, new() { Server = new IPEndPoint(IPAddress.Loopback, 53) }, new() { Hosts = Hosts("a", "192.0.2.1") },
            new() { Families = IPFamilies.IPv4 }, new() { DefaultTimeToLive = TimeSpan.Zero }, new() { MaxTimeToLive = TimeSpan.Zero },
            new() { NegativeTimeToLive = TimeSpan.Zero },
        ];
        Assert.Equal(PropertiesOf<ResolverOptions>(), resolver.Length);
        Assert.All(resolver, other => Assert.NotEqual(ResolverOptions.Default, other));
    }

    [Fact]
    public void Resolver_hosts_compare_by_content()
    {
        var one = new ResolverOptions { Hosts = Hosts("a", "192.0.2.1") };
        Assert.Equal(one, new ResolverOptions { Hosts = Hosts("A", "192.0.2.1") });
        Assert.Equal(one.GetHashCode(), new ResolverOptions { Hosts = Hosts("A", "192.0.2.1") }.GetHashCode());
        Assert.NotEqual(one, new ResolverOptions { Hosts = Hosts("a", "192.0.2.2") });
        Assert.NotEqual(one, new ResolverOptions { Hosts = Hosts("b", "192.0.2.1") });
    }

    private static int PropertiesOf<T>() => typeof(T).GetProperties(BindingFlags.Public | BindingFlags.Instance).Length;

    private static Dictionary<string, IReadOnlyList<IPAddress>> Hosts(string name, string address) =>
        new(StringComparer.OrdinalIgnoreCase) { [name] = [IPAddress.Parse(address)] };

    private static X509Certificate2 Certificate()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=same", key, HashAlgorithmName.SHA256);
        var now = DateTimeOffset.UnixEpoch;
        return request.Create(request.SubjectName, X509SignatureGenerator.CreateForECDsa(key), now, now.AddYears(90), [1]);
    }

    private sealed class NoResolver : IResolver
    {
        public ValueTask<ResolvedAddresses> ResolveAsync(string host, CancellationToken cancellationToken) =>
            throw new NotSupportedException();
    }
}
