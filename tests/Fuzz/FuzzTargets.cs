using System.Text;
using Codomyrmex.Networking.Transport;

namespace Codomyrmex.Networking.Tests.Fuzz;

/// <summary>Every target. To add one: a line here, at least one file in <c>tests/Fuzz/seeds/NAME</c>.</summary>
internal static class FuzzTargets
{
    private static readonly string[] UrlWords = ["://", "@", ":", "[::1]", "%00", "%", "?", "#", "socks5h://", "65536", "xn--", "\\", "//"];

    public static IReadOnlyList<FuzzTarget> All { get; } =
    [
        new("redactor", Redact) { Words = ["://", "@", "token=", "Bearer ", "Authorization: ", "\r\n", "***", "\"", "&"] },
        new("endpoint", ReadEndpoint) { Words = UrlWords },
        new("proxy-url", ReadProxy) { Words = UrlWords },
    ];

    private static void Redact(byte[] input)
    {
        var text = Encoding.UTF8.GetString(input);
        Require(Redactor.Redact(text) == text || Redactor.Redact(text).Contains(Redactor.Mask, StringComparison.Ordinal), "what is taken out is masked");
        Require(!Redactor.Redact($"https://user:canary@h/ {text}").Contains("canary", StringComparison.Ordinal), "what follows a password unmasks it");
        Require(!Redactor.Redact($"{text}\nAuthorization: canary").Contains("canary", StringComparison.Ordinal), "what precedes a header unmasks it");
    }

    private static void ReadEndpoint(byte[] input)
    {
        if (!Uri.TryCreate(Encoding.UTF8.GetString(input), UriKind.Absolute, out var url))
            return;
        var endpoint = Endpoint.Of(url);
        Require(endpoint.ToString().Length > 0, "an endpoint has a text");
    }

    private static void ReadProxy(byte[] input)
    {
        var proxy = ProxyOptions.Parse(Encoding.UTF8.GetString(input));
        Require(proxy.Host.Length > 0, "a proxy has a host");
        Require(proxy.Port is > 0 and <= 65535, "a proxy has a port");
        Require(proxy.ToString() == (proxy with { User = null, Password = null }).ToString(), "a proxy's text hides its user and password");
    }

    private static void Require(bool condition, string what)
    {
        if (!condition)
            throw new InvalidOperationException("Broken promise: " + what + ".");
    }
}
