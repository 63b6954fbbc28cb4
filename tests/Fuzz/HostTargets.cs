using System.Text;
using Codomyrmex.Networking.Security;
using Codomyrmex.Networking.Transport;

namespace Codomyrmex.Networking.Tests.Fuzz;

/// <summary>Readers of hosts, URLs and rules: what they take must mean the same when it is read again.</summary>
internal static class HostTargets
{
    private static readonly string[] HostWords =
        [".", "[", "]", ":", "%", "%25", "0x", "127.", "::ffff:", "xn--", "\u3002", "\uFF11", "\u00AD", "\u200D", "\u0130", "@", "\\", "/", "é"];

    private static readonly string[] UrlWords =
        ["://", "//", "@", ":", "[::1]", "%00", "%", "?", "#", "socks5h://", "65536", ":0", "xn--", "\\", "\uFF11", "\u202E", "http:", "https://"];

    private static readonly string[] RuleWords = ["*", "*.", "/8", "10.0.0.0", "[::1]", ":80", ",", "-", "https://", "\uFF11", "0x7f.1"];

    public static IReadOnlyList<FuzzTarget> All { get; } =
    [
        new("host", ReadHost) { Words = HostWords },
        new("endpoint", ReadEndpoint) { Words = UrlWords },
        new("request-url", ReadUrl) { Words = UrlWords },
        new("proxy-url", ReadProxy) { Words = UrlWords },
        new("egress-rule", ReadRule) { Words = RuleWords },
        new("policy-file", ReadPolicy) { Words = [.. RuleWords, "{", "}", "[", "]", "\"preset\":", "\"allow\":", "\"deny\":", "\"schemes\":", "\"nothing\"", "//", "\\ud800"] },
    ];

    private static void ReadHost(byte[] input)
    {
        var host = HostText.Parse(Text(input));
        if (host.Problem is not null)
        {
            Promise.Keep(!host.IsAddress && host.Name.IsEmpty, "what is no host is neither name nor address");
            return;
        }
        var canonical = host.Canonical();
        var again = HostText.ParseStrict(canonical);
        Promise.Keep(again.Problem is null && again.Canonical() == canonical, "the one spelling of a host is read as itself");
        Promise.Keep(again.IsAddress == host.IsAddress && again.Address == host.Address, "the one spelling of an address is that address");
        Promise.Keep(Ascii.IsValid(canonical) && !canonical.AsSpan().ContainsAny("/\\@?#[] "), "the one spelling has no character that ends a host");
        Promise.Keep(again.IsAddress || !System.Net.IPAddress.TryParse(canonical, out _), "a name is not an address to the platform");
    }

    private static void ReadEndpoint(byte[] input)
    {
        // The platform's parser runs past its end where the host of a file URL is nothing but signs of direction.
        var text = string.Concat(Text(input).Where(c => c is < '\u200E' or > '\u202E'));
        if (!Uri.TryCreate(text, UriKind.Absolute, out var url))
            return;
        var endpoint = Endpoint.Of(url);
        Promise.Keep(endpoint.ToString().Length > 0, "an endpoint has a text");
        Promise.Keep(HostText.ParseStrict(endpoint.Host) is { Problem: null } host && host.Canonical() == endpoint.Host, "an endpoint's host is in its one spelling");
    }

    private static void ReadUrl(byte[] input)
    {
        foreach (var baseUrl in (Uri?[])[null, new Uri("https://user:pass@[fe80::1%25eth0]:8443/a/b")])
        {
            if (RequestUrl.Read(Text(input), baseUrl, out _) is { } url)
                ReadAgain(url);
        }
    }

    private static void ReadAgain(Uri url)
    {
        Promise.Keep(url.Scheme is "http" or "https" && url.Port is > 0 and <= 65535, "a URL has a scheme and a port that are sent");
        var again = RequestUrl.Read(url.AbsoluteUri, null, out var problem);
        Promise.Keep(again is not null, "a URL that was read is read again, but it " + problem);
        // Uri's text forgets the zone of an address.
        Promise.Keep(Endpoint.Of(again!).Host == Endpoint.Of(url).Host.Split('%')[0] && again!.Port == url.Port, "a URL that is read again leads to the same host");
        Promise.Keep(Endpoint.Of(RequestUrl.At(url, "/")) == Endpoint.Of(url), "another path leads to the same host");
    }

    private static void ReadProxy(byte[] input)
    {
        var proxy = ProxyOptions.Parse(Text(input));
        Promise.Keep(HostText.ParseStrict(proxy.Host) is { Problem: null } host && host.Canonical() == proxy.Host, "a proxy's host is in its one spelling");
        Promise.Keep(proxy.Port is > 0 and <= 65535, "a proxy has a port");
        Promise.Keep(proxy.ToString() == (proxy with { User = null, Password = null }).ToString(), "a proxy's text hides its user and password");
    }

    private static void ReadRule(byte[] input)
    {
        var rule = EgressRule.Parse(Text(input));
        Promise.Keep(EgressRule.Parse(rule.ToString()).Equals(rule), "a rule's text is read as the rule");
    }

    private static void ReadPolicy(byte[] input)
    {
        var policy = EgressPolicy.Parse(Text(input));
        Promise.Keep(policy.Equals(EgressPolicy.Parse(Text(input))), "the same file is the same policy");
        _ = policy.CheckTarget("https", "example.test", 443);
    }

    private static string Text(byte[] input) => Encoding.UTF8.GetString(input);
}
