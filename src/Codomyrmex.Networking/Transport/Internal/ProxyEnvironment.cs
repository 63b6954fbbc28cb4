namespace Codomyrmex.Networking.Transport.Internal;

/// <summary>The proxy variables, read as curl reads them.</summary>
internal static class ProxyEnvironment
{
    private static readonly char[] Separators = [',', ' ', '\t', '\r', '\n'];

    public static ProxyOptions? Read(string scheme, Func<string, string?> read)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(scheme);
        var name = scheme.ToLowerInvariant() switch
        {
            "ws" => "http",
            "wss" => "https",
            var other => other,
        };
        foreach (var variable in (string[])[name + "_proxy", name.ToUpperInvariant() + "_PROXY", "all_proxy", "ALL_PROXY"])
        {
            if (IsRequestHeader(variable, read) || read(variable)?.Trim() is not { Length: > 0 } url)
                continue;
            var proxy = Named(variable, () => ProxyOptions.Parse(url)) with { NoProxy = ReadNoProxy(read) };
            _ = Named("no_proxy", () => NoProxy.Parse(proxy.NoProxy));
            return proxy;
        }
        return null;
    }

    /// <summary>
    /// A CGI server hands the request header "Proxy:" to its scripts as HTTP_PROXY (httpoxy, CVE-2016-5385). Where names of variables
    /// ignore case, as on Windows, http_proxy is that same variable.
    /// </summary>
    private static bool IsRequestHeader(string variable, Func<string, string?> read) =>
        (OperatingSystem.IsWindows() ? variable.ToUpperInvariant() : variable) == "HTTP_PROXY" && read("REQUEST_METHOD") is not null;

    private static string[] ReadNoProxy(Func<string, string?> read)
    {
        var list = read("no_proxy");
        if (string.IsNullOrWhiteSpace(list))
            list = read("NO_PROXY");
        return (list ?? "").Split(Separators, StringSplitOptions.RemoveEmptyEntries);
    }

    private static T Named<T>(string variable, Func<T> parse)
    {
        try
        {
            return parse();
        }
        catch (FormatException wrong)
        {
            throw new FormatException($"{variable}: {wrong.Message}", wrong);
        }
    }
}
