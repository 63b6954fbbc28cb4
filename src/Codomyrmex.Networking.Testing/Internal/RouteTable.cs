using System.Diagnostics.CodeAnalysis;
using System.Text;

namespace Codomyrmex.Networking.Testing.Internal;

/// <summary>The routes of a server: immutable, so that requests read it while others map. A later route beats an earlier equal one.</summary>
internal sealed class RouteTable
{
    private static readonly Bytewise Comparer = new();

    private readonly Route[] _all;
    private readonly Route[] _templates;
    private readonly Dictionary<string, Route[]> _exact;
    private readonly Dictionary<string, Route[]>.AlternateLookup<ReadOnlySpan<byte>> _byBytes;

    public RouteTable(IEnumerable<Route> routes)
    {
        _all = [.. routes];
        _templates = [.. _all.Where(static route => route.IsTemplate).Reverse()];
        _exact = _all.Where(static route => !route.IsTemplate).GroupBy(static route => route.Pattern)
            .ToDictionary(static group => group.Key, static group => group.Reverse().ToArray(), Comparer);
        _byBytes = _exact.GetAlternateLookup<ReadOnlySpan<byte>>();
    }

    public static RouteTable Empty { get; } = new([]);

    public RouteTable With(Route route) => new(_all.Append(route));

    /// <summary>The route of an exact path, without making a string.</summary>
    public Route? Find(ReadOnlySpan<byte> method, ReadOnlySpan<byte> path)
    {
        if (!_byBytes.TryGetValue(path, out var routes))
            return null;
        foreach (var route in routes)
        {
            if (route.Takes(method))
                return route;
        }
        return null;
    }

    /// <summary>The route of a path with places, its values, and otherwise the methods that the path would take.</summary>
    public Route? Find(string method, string path, out Dictionary<string, string>? values, out string allowed)
    {
        Span<byte> bytes = stackalloc byte[method.Length];
        Encoding.Latin1.GetBytes(method, bytes);
        var methods = new SortedSet<string>(StringComparer.Ordinal);
        foreach (var route in _exact.GetValueOrDefault(path) ?? [])
        {
            if (route.Takes(bytes))
            {
                values = null;
                allowed = string.Empty;
                return route;
            }
            methods.Add(route.Method);
        }
        foreach (var route in _templates)
        {
            values = route.Match(path);
            if (values is null)
                continue;
            allowed = string.Empty;
            if (route.Takes(bytes))
                return route;
            methods.Add(route.Method);
        }
        if (methods.Contains("GET"))
            methods.Add("HEAD");
        values = null;
        allowed = string.Join(", ", methods);
        return null;
    }

    /// <summary>Compares strings with the bytes of a request; paths are ASCII there.</summary>
    private sealed class Bytewise : IEqualityComparer<string>, IAlternateEqualityComparer<ReadOnlySpan<byte>, string>
    {
        public bool Equals(string? x, string? y) => string.Equals(x, y, StringComparison.Ordinal);

        public bool Equals(ReadOnlySpan<byte> alternate, string other) => Ascii.Equals(alternate, other);

        public int GetHashCode([DisallowNull] string obj)
        {
            var hash = 17;
            foreach (var value in obj)
                hash = unchecked((hash * 31) + value);
            return hash;
        }

        public int GetHashCode(ReadOnlySpan<byte> alternate)
        {
            var hash = 17;
            foreach (var value in alternate)
                hash = unchecked((hash * 31) + value);
            return hash;
        }

        public string Create(ReadOnlySpan<byte> alternate) => Encoding.Latin1.GetString(alternate);
    }
}
