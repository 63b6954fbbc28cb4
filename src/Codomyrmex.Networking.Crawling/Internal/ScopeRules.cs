using Codomyrmex.Networking.Crawling.Protocol;

namespace Codomyrmex.Networking.Crawling.Internal;

/// <summary>Which URLs belong to a run: the scope of the options, and the hosts of the seeds. Thread-safe once the seeds are in.</summary>
internal sealed class ScopeRules
{
    private readonly CrawlScope _scope;
    private readonly HashSet<string> _origins = new(StringComparer.Ordinal);
    private readonly HashSet<string>.AlternateLookup<ReadOnlySpan<char>> _originsBySpan;
    private readonly List<string> _sites = [];
    private readonly PathPattern[] _include;
    private readonly PathPattern[] _exclude;

    public ScopeRules(CrawlScope scope)
    {
        _scope = scope;
        _originsBySpan = _origins.GetAlternateLookup<ReadOnlySpan<char>>();
        _include = [.. scope.Include.Select(path => new PathPattern(path))];
        _exclude = [.. scope.Exclude.Select(path => new PathPattern(path))];
        HasPathRules = _include.Length > 0 || _exclude.Length > 0 || scope.Filter is not null;
    }

    /// <summary>Whether anything beyond the host has to be looked at.</summary>
    public bool HasPathRules { get; }

    /// <summary>The origins of the seeds and of the hosts that were named.</summary>
    public IReadOnlyCollection<string> Origins => _origins;

    public void AddSeed(string url)
    {
        var origin = OriginOf(url).ToString();
        _origins.Add(origin);
        var host = HostOf(origin);
        if (_scope.Subdomains && Uri.CheckHostName(host.ToString()) == UriHostNameType.Dns)
            _sites.Add(host.StartsWith("www.") ? host[4..].ToString() : host.ToString());
    }

    /// <summary>Whether a host belongs to it.</summary>
    /// <param name="origin">Scheme, host and port.</param>
    public bool HasOrigin(ReadOnlySpan<char> origin)
    {
        if (_scope.AnyHost || _originsBySpan.Contains(origin))
            return true;
        var host = HostOf(origin);
        foreach (var site in _sites)
        {
            if (host.EndsWith(site) && (host.Length == site.Length || host[host.Length - site.Length - 1] == '.'))
                return true;
        }
        foreach (var name in _scope.Hosts)
        {
            if (host.Equals(name, StringComparison.OrdinalIgnoreCase))
                return true;
        }
        return false;
    }

    /// <summary>Whether a path of a host that belongs to it does so too.</summary>
    public bool HasPath(ReadOnlySpan<char> url, ReadOnlySpan<char> pathAndQuery)
    {
        var path = PercentText.Normalize(pathAndQuery, escapeWildcards: true);
        foreach (var pattern in _exclude)
        {
            if (pattern.Matches(path))
                return false;
        }
        var isIncluded = _include.Length == 0;
        foreach (var pattern in _include)
            isIncluded = isIncluded || pattern.Matches(path);
        return isIncluded && (_scope.Filter is not { } filter || filter(new Uri(url.ToString())));
    }

    /// <summary>Scheme, host and port of a URL in its one spelling.</summary>
    public static ReadOnlySpan<char> OriginOf(ReadOnlySpan<char> url)
    {
        var start = url.IndexOf("://") + 3;
        var end = url[start..].IndexOfAny('/', '?');
        return end < 0 ? url : url[..(start + end)];
    }

    /// <summary>The path and the query of a URL in its one spelling.</summary>
    public static ReadOnlySpan<char> PathOf(ReadOnlySpan<char> url, ReadOnlySpan<char> origin) => url.Length > origin.Length ? url[origin.Length..] : "/";

    private static ReadOnlySpan<char> HostOf(ReadOnlySpan<char> origin)
    {
        var host = origin[(origin.IndexOf("://") + 3)..];
        var colon = host.LastIndexOf(':');
        return colon > host.LastIndexOf(']') ? host[..colon] : host;
    }
}
