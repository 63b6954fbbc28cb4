using System.Globalization;

namespace Codomyrmex.Networking;

/// <summary>
/// <c>[user[:password]@]host[:port]</c> of a URL (RFC 3986, section 3.2), read before <see cref="Uri"/> sees it: that reads
/// <c>[::1]x:80</c> as <c>[::1]</c> with a path, and drops characters which do not show.
/// </summary>
internal readonly ref struct UrlAuthority
{
    /// <summary>User and password as written, without the '@'; empty for none.</summary>
    public ReadOnlySpan<char> UserInfo { get; private init; }

    /// <summary>The host in its one spelling; see <see cref="HostText.Canonical"/>.</summary>
    public string Host { get; private init; }

    /// <summary>The port; null for the scheme's own.</summary>
    public int? Port { get; private init; }

    /// <summary>What is wrong with it, as the end of a sentence that begins with "it"; null where nothing is.</summary>
    public string? Problem { get; private init; }

    /// <summary>Reads what stands between <c>//</c> and the next '/', '?' or '#'.</summary>
    public static UrlAuthority Parse(ReadOnlySpan<char> text)
    {
        // Browsers end the host at a backslash, others do not.
        if (text.Contains('\\'))
            return Bad("has a backslash in its host; write one that belongs to a user or password as %5C");
        var at = text.LastIndexOf('@');
        var userInfo = at < 0 ? [] : text[..at];
        if (userInfo.IndexOfAny("@[]") >= 0)
            return Bad("has '@', '[' or ']' in its user or password; write them as %40, %5B and %5D");
        var rest = text[(at + 1)..];
        var end = rest.StartsWith('[') ? rest.IndexOf(']') + 1 : rest.IndexOf(':');
        var host = end < 0 ? rest : rest[..end];
        var port = end < 0 ? [] : rest[end..];
        if (rest.StartsWith('[') && end == 0)
            return Bad("has a bracket in its host that is not closed");
        if (!port.IsEmpty && port[0] != ':')
            return Bad("has something other than a port after the bracket of its host");
        if (port.Length > 1 && port[1..].Contains(':'))
            return Bad("has more than one colon after its host; an IPv6 address stands in brackets");
        var read = HostText.Parse(host);
        if (read.Problem is not null)
            return Bad("has a host that " + read.Problem);
        // An empty port is the scheme's own (RFC 3986, section 6.2.3).
        var number = 0;
        if (port.Length > 1 && (!int.TryParse(port[1..], NumberStyles.None, CultureInfo.InvariantCulture, out number) || number is < 1 or > 65535))
            return Bad("has a port that is not a number from 1 to 65535");
        return new UrlAuthority { UserInfo = userInfo, Host = read.Canonical(), Port = number == 0 ? null : number };
    }

    /// <summary>The authority in its one spelling.</summary>
    public override string ToString() => (UserInfo.IsEmpty ? "" : $"{UserInfo}@") + Of(Host, Port);

    /// <summary>A canonical host and a port as a URL has them: IPv6 in brackets, the zone's '%' escaped (RFC 6874).</summary>
    public static string Of(string host, int? port)
    {
        var text = host.Contains(':', StringComparison.Ordinal) ? $"[{host.Replace("%", "%25", StringComparison.Ordinal)}]" : host;
        return port is null ? text : string.Create(CultureInfo.InvariantCulture, $"{text}:{port}");
    }

    private static UrlAuthority Bad(string problem) => new() { Host = "", Problem = problem };
}
