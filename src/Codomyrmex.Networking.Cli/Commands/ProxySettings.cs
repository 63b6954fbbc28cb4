using Codomyrmex.Networking.Cli.Parsing;
using Codomyrmex.Networking.Transport;

namespace Codomyrmex.Networking.Cli.Commands;

/// <summary>Reads the proxies: one, or several that take turns.</summary>
internal static class ProxySettings
{
    /// <summary>The transport's settings with the proxies that were named.</summary>
    public static TransportOptions Apply(TransportOptions options, Invocation run)
    {
        var proxies = Read(run);
        return proxies.Count switch
        {
            0 => options,
            1 => options with { Proxy = proxies[0] },
            _ => options with { Proxies = ParsedArguments.Checked(ConnectionOptions.Proxy, "", _ => new ProxyPool(proxies)) },
        };
    }

    /// <summary>Throws where several were named and only one can be meant.</summary>
    public static void DemandOne(ParsedArguments arguments, string who)
    {
        if (arguments.All(ConnectionOptions.Proxy).Count > 1)
            throw new UsageException($"{who} takes one proxy: give --proxy once.", ConnectionOptions.Proxy.Name);
    }

    private static IReadOnlyList<ProxyOptions> Read(Invocation run)
    {
        var urls = run.Arguments.All(ConnectionOptions.Proxy);
        if (urls.Count == 0)
            return [];
        var password = run.Context.Environment("CODONET_PROXY_PASSWORD");
        var bypassed = run.Arguments.All(ConnectionOptions.NoProxy);
        return [.. urls.Select(url => Bypassing(bypassed, WithPassword(password, ParsedArguments.Checked(ConnectionOptions.Proxy, url, ProxyOptions.Parse))))];
    }

    private static ProxyOptions WithPassword(string? password, ProxyOptions proxy) => proxy is { User: not null, Password: null } && password is { Length: > 0 }
        ? ParsedArguments.Checked(ConnectionOptions.Proxy, password, text => Validated(proxy with { Password = text }))
        : proxy;

    private static ProxyOptions Bypassing(IReadOnlyList<string> lists, ProxyOptions proxy)
    {
        foreach (var list in lists)
        {
            proxy = ParsedArguments.Checked(ConnectionOptions.NoProxy, list, text => Validated(
                proxy with { NoProxy = [.. proxy.NoProxy, .. text.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries)] }));
        }
        return proxy;
    }

    private static ProxyOptions Validated(ProxyOptions proxy)
    {
        proxy.Validate();
        return proxy;
    }
}
