using System.Buffers;
using System.Globalization;
using System.Text;

namespace Codomyrmex.Networking.Crawling.Protocol;

/// <summary>
/// Turns what links say into absolute URLs in their one spelling: scheme and host in lower case, no default port, no user, no fragment, no dot
/// segments, escapes in one form. Most links need none of that and are put together without <see cref="Uri"/>; whatever is out of the ordinary takes the
/// long way. Not thread-safe: what it returns is valid until the next call.
/// </summary>
internal sealed class UrlResolver
{
    /// <summary>The longest reference that is looked at.</summary>
    public const int LongestReference = 8 * 1024;

    // No escapes, no quotes, no backslash, nothing beyond ASCII: spelled like this a reference has only one reading.
    private static readonly SearchValues<char> Plain =
        SearchValues.Create("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._~/?=&;,+:@!()*$");

    private readonly char[] _buffer = new char[2 * LongestReference];
    private string _url = "";
    private Uri? _base;
    private string _origin = "";
    private string _folder = "";
    private string _path = "";

    /// <summary>The base as it is now: <c>http://host:port</c>.</summary>
    public string Origin => _origin;

    /// <summary>Sets the URL that relative references are resolved against: one that this class has given, or that has the same form.</summary>
    public void SetBase(string url)
    {
        (_url, _base) = (url, null);
        var end = url.AsSpan().IndexOfAny('?', '#');
        var whole = end < 0 ? url : url[..end];
        var start = whole.IndexOf('/', whole.IndexOf("://", StringComparison.Ordinal) + 3);
        _origin = start < 0 ? whole : whole[..start];
        _path = start < 0 ? "/" : whole[start..];
        _folder = _path[..(_path.LastIndexOf('/') + 1)];
    }

    /// <summary>Resolves a reference.</summary>
    /// <param name="reference">What a link says.</param>
    /// <returns>The URL; empty where it leads to no page: within the same page, another scheme, with a user, or no URL at all.</returns>
    public ReadOnlySpan<char> Resolve(ReadOnlySpan<char> reference)
    {
        reference = reference.Trim(" \t\r\n\f");
        if (reference.Length > LongestReference)
            return [];
        var hash = reference.IndexOf('#');
        if (hash >= 0)
            reference = reference[..hash];
        if (reference.IsEmpty)
            return [];
        if (IsPlain(reference))
        {
            if (reference[0] == '/')
            {
                if (reference.Length == 1 || reference[1] != '/')
                    return Flat(Join(_origin, reference));
            }
            else if (reference[0] == '?')
            {
                return Join(_origin, _path, reference);
            }
            else if (reference.StartsWith(_origin, StringComparison.Ordinal) && reference.Length > _origin.Length && reference[_origin.Length] == '/')
            {
                return Flat(Join(_origin, reference[_origin.Length..]));
            }
            else if (!HasScheme(reference))
            {
                return Flat(Join(_origin, _folder, reference));
            }
        }
        return TheLongWay(reference);
    }

    /// <summary>A whole URL in its one spelling; null where it is none that a crawler visits.</summary>
    public static string? Canonical(string url) =>
        Uri.TryCreate(url.Trim(), UriKind.Absolute, out var uri) ? Text(uri) : null;

    private static bool IsPlain(ReadOnlySpan<char> reference) => reference.IndexOfAnyExcept(Plain) < 0;

    private static bool HasScheme(ReadOnlySpan<char> reference)
    {
        var at = reference.IndexOfAny(":/?");
        return at >= 0 && reference[at] == ':';
    }

    // Takes "." and ".." out of the path of what lies in the buffer (RFC 3986, section 5.2.4).
    private ReadOnlySpan<char> Flat(ReadOnlySpan<char> url)
    {
        if (url.IndexOf("/.") < 0)
            return url;
        var text = _buffer.AsSpan(_origin.Length, url.Length - _origin.Length);
        var mark = text.IndexOf('?');
        var end = mark < 0 ? text.Length : mark;
        var (at, written) = (0, 0);
        while (at < end)
        {
            var next = text[(at + 1)..end].IndexOf('/');
            var stop = next < 0 ? end : at + 1 + next;
            var segment = text[(at + 1)..stop];
            var isDots = segment is "." or "..";
            if (segment is "..")
                written = Math.Max(0, text[..written].LastIndexOf('/'));
            if (!isDots)
            {
                text[at..stop].CopyTo(text[written..]);
                written += stop - at;
            }
            else if (stop == end)
            {
                text[written++] = '/';
            }
            at = stop;
        }
        text[end..].CopyTo(text[written..]);
        return _buffer.AsSpan(0, _origin.Length + written + text.Length - end);
    }

    private ReadOnlySpan<char> TheLongWay(ReadOnlySpan<char> reference)
    {
        // Line breaks and tabs within a URL are nothing (WHATWG URL, section 4.4, step 3).
        var text = reference.IndexOfAny('\t', '\r', '\n') < 0
            ? reference.ToString()
            : string.Concat(reference.ToString().Split(['\t', '\r', '\n']));
        return Uri.TryCreate(_base ??= new Uri(_url), text, out var uri) ? Text(uri) : null;
    }

    private static string? Text(Uri uri)
    {
        // A user and password in a link are somebody's bait: they are not taken along.
        if (uri.Scheme is not ("http" or "https") || uri.UserInfo.Length > 0 || uri.Host.Length == 0)
            return null;
        var host = uri.HostNameType == UriHostNameType.IPv6 ? uri.Host : uri.IdnHost;
        // What cannot be written in ASCII (a label of more than 63 characters) is no host.
        if (!Ascii.IsValid(host))
            return null;
        var port = uri.IsDefaultPort ? "" : string.Create(CultureInfo.InvariantCulture, $":{uri.Port}");
        var rest = $"{port}{PercentText.Normalize(uri.PathAndQuery)}";
        // Without its last dot a host is read anew: "2." is a name, "2" an address.
        return host.EndsWith('.')
            ? Uri.TryCreate($"{uri.Scheme}://{host.TrimEnd('.')}{rest}", UriKind.Absolute, out var dotless) ? Text(dotless) : null
            : $"{uri.Scheme}://{host.ToLowerInvariant()}{rest}";
    }

    private ReadOnlySpan<char> Join(ReadOnlySpan<char> first, ReadOnlySpan<char> second, ReadOnlySpan<char> third = default)
    {
        var length = first.Length + second.Length + third.Length;
        if (length > _buffer.Length)
            return [];
        first.CopyTo(_buffer);
        second.CopyTo(_buffer.AsSpan(first.Length));
        third.CopyTo(_buffer.AsSpan(first.Length + second.Length));
        return _buffer.AsSpan(0, length);
    }
}
