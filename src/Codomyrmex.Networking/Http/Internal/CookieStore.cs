using System.Globalization;
using System.Runtime.CompilerServices;

namespace Codomyrmex.Networking.Http.Internal;

/// <summary>Cookies by site, those of a site in the order in which they are sent. Called under the jar's lock.</summary>
internal sealed class CookieStore(int perSite, int total)
{
    private readonly Dictionary<string, List<CookieEntry>> _sites = new(StringComparer.Ordinal);

    public int Count { get; private set; }

    /// <summary>The <c>Cookie</c> field for a request (RFC 6265bis, section 5.8.3).</summary>
    public string? HeaderFor(string host, string path, bool isSecure, DateTimeOffset now)
    {
        if (!_sites.GetAlternateLookup<ReadOnlySpan<char>>().TryGetValue(PublicSuffixes.Site(host), out var site))
            return null;
        var isAddress = PublicSuffixes.IsAddress(host);
        var header = new DefaultInterpolatedStringHandler(0, 0, CultureInfo.InvariantCulture, stackalloc char[512]);
        var (isAny, isOver) = (false, false);
        foreach (var cookie in site)
        {
            isOver |= cookie.HasExpired(now);
            if (cookie.HasExpired(now) || !cookie.IsFor(host, isAddress, path, isSecure))
                continue;
            cookie.UsedAt = now;
            if (isAny)
                header.AppendLiteral("; ");
            isAny = true;
            header.AppendLiteral(cookie.Name);
            // A cookie may have no name; its value then stands alone.
            if (cookie.Name.Length > 0)
                header.AppendLiteral("=");
            header.AppendLiteral(cookie.Value);
        }
        var text = header.ToStringAndClear();
        if (isOver)
            RemoveFrom(site, cookie => cookie.HasExpired(now));
        return isAny ? text : null;
    }

    /// <summary>Stores what a server set, in place of what is the same; removes it where it has ended.</summary>
    public bool Set(CookieEntry cookie, DateTimeOffset now, bool isSecureUrl)
    {
        var site = _sites.GetAlternateLookup<ReadOnlySpan<char>>().TryGetValue(PublicSuffixes.Site(cookie.Domain), out var known) ? known : [];
        // Only what stands here can be shadowed; a domain's site is that of every name below it.
        if (!isSecureUrl && !cookie.IsSecure && site.Exists(other => !other.HasExpired(now) && other.IsShadowedBy(cookie)))
            return false;
        return Add(cookie, now);
    }

    /// <summary>Stores a cookie, in place of what is the same.</summary>
    public bool Add(CookieEntry cookie, DateTimeOffset now)
    {
        var lookup = _sites.GetAlternateLookup<ReadOnlySpan<char>>();
        var name = PublicSuffixes.Site(cookie.Domain);
        if (!lookup.TryGetValue(name, out var site))
        {
            if (cookie.HasExpired(now))
                return false;
            site = lookup[name] = [];
        }
        if (site.FindIndex(cookie.IsSame) is >= 0 and var before)
        {
            cookie.CreatedAt = site[before].HasExpired(now) ? cookie.CreatedAt : site[before].CreatedAt;
            site.RemoveAt(before);
            Count--;
        }
        else if (cookie.HasExpired(now))
        {
            return false;
        }
        if (cookie.HasExpired(now))
        {
            DropEmpty(site, cookie);
            return true;
        }
        var at = site.FindIndex(other => other.Path.Length < cookie.Path.Length || (other.Path.Length == cookie.Path.Length && other.CreatedAt > cookie.CreatedAt));
        site.Insert(at < 0 ? site.Count : at, cookie);
        Count++;
        MakeRoom(site, now);
        return true;
    }

    public StoredCookie[] Unexpired(DateTimeOffset now) =>
        [.. _sites.Values.SelectMany(site => site).Where(cookie => !cookie.HasExpired(now)).OrderBy(cookie => cookie.CreatedAt).Select(cookie => cookie.ToStored())];

    public int Remove(Predicate<CookieEntry> matches)
    {
        var before = Count;
        foreach (var site in _sites.Values.ToArray())
            RemoveFrom(site, matches);
        return before - Count;
    }

    public void Clear()
    {
        _sites.Clear();
        Count = 0;
    }

    private void RemoveFrom(List<CookieEntry> site, Predicate<CookieEntry> matches)
    {
        if (site.Count == 0)
            return;
        var one = site[0];
        Count -= site.RemoveAll(matches);
        DropEmpty(site, one);
    }

    private void DropEmpty(List<CookieEntry> site, CookieEntry one)
    {
        if (site.Count == 0)
            _sites.GetAlternateLookup<ReadOnlySpan<char>>().Remove(PublicSuffixes.Site(one.Domain));
    }

    // RFC 6265bis, section 5.7: what has expired, then what is not Secure, then the rest; of each the longest unused.
    private void MakeRoom(List<CookieEntry> site, DateTimeOffset now)
    {
        if (site.Count > perSite)
            RemoveFrom(site, cookie => cookie.HasExpired(now));
        if (site.Count > perSite)
        {
            var oldest = site.Where(cookie => !cookie.IsSecure).MinBy(cookie => cookie.UsedAt) ?? site.MinBy(cookie => cookie.UsedAt);
            site.Remove(oldest!);
            Count--;
        }
        if (Count <= total)
            return;
        Remove(cookie => cookie.HasExpired(now));
        if (Count <= total)
            return;
        var last = _sites.Values.SelectMany(cookies => cookies).MinBy(cookie => cookie.UsedAt);
        Remove(cookie => ReferenceEquals(cookie, last));
    }
}
