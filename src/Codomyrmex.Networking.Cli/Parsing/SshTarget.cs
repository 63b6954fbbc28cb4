using System.Globalization;

namespace Codomyrmex.Networking.Cli.Parsing;

/// <summary>Whom SSH talks to: <c>[user@]host[:port]</c>; an IPv6 address with a port stands in brackets.</summary>
/// <param name="User">Null where none is named.</param>
/// <param name="Host">A name, an address, or an alias of a configuration.</param>
/// <param name="Port">Null where none is named.</param>
internal sealed record SshTarget(string? User, string Host, int? Port)
{
    /// <exception cref="FormatException">It is none.</exception>
    public static SshTarget Parse(string text)
    {
        // As ssh does: a user may have an '@', a host may not.
        var at = text.LastIndexOf('@');
        var user = at < 0 ? null : text[..at];
        var (host, port) = HostAndPort(text[(at + 1)..], text);
        if (user?.Length == 0 || host.Length == 0 || host[0] == '-')
            throw Wrong(text);
        return new SshTarget(user, host, port);
    }

    /// <summary>Whether a text names a remote path, <c>[user@]host[:port]:/path</c>, and which.</summary>
    public static (SshTarget Target, string Path)? TryParsePath(string text)
    {
        // A remote path begins with ':/' or ':~/': a local name may have a colon.
        var rooted = text.IndexOf(":/", StringComparison.Ordinal);
        var home = text.IndexOf(":~/", StringComparison.Ordinal);
        var at = rooted < 0 ? home : home < 0 ? rooted : Math.Min(rooted, home);
        if (at <= 0 || text.AsSpan(0, at).Contains('/'))
            return null;
        return (Parse(text[..at]), text[(at + 1)..]);
    }

    public override string ToString() => $"{(User is null ? "" : User + "@")}{Host}{(Port is { } port ? string.Create(CultureInfo.InvariantCulture, $":{port}") : "")}";

    private static (string Host, int? Port) HostAndPort(string text, string whole)
    {
        if (text.StartsWith('['))
        {
            var end = text.IndexOf(']', StringComparison.Ordinal);
            if (end < 0 || (end + 1 < text.Length && text[end + 1] != ':'))
                throw Wrong(whole);
            return (text[1..end], end + 1 == text.Length ? null : ReadPort(text[(end + 2)..], whole));
        }
        var colon = text.IndexOf(':', StringComparison.Ordinal);
        // Two colons and no brackets: an IPv6 address.
        return colon < 0 || text.IndexOf(':', colon + 1) > 0 ? (text, null) : (text[..colon], ReadPort(text[(colon + 1)..], whole));
    }

    private static int ReadPort(string text, string whole) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var port) && port is >= 1 and <= 65535
            ? port
            : throw new FormatException($"'{whole}': '{text}' is not a port from 1 to 65535; write [USER@]HOST[:PORT], an IPv6 address in brackets.");

    private static FormatException Wrong(string text) => new($"'{text}' is not [USER@]HOST[:PORT].");
}
