using System.Globalization;
using Codomyrmex.Networking.Ssh.Protocol;

namespace Codomyrmex.Networking.Ssh.Internal;

/// <summary>Makes settings of the values that apply to a host.</summary>
internal sealed class ConfigReading(ConfigValues values, ConfigFacts facts)
{
    private const int LongestCount = 1_000_000;

    /// <exception cref="FormatException">A value is wrong, or asks for what is refused.</exception>
    public SSHHostSettings Settings()
    {
        RefusePrograms();
        KeepBans();
        return new SSHHostSettings
        {
            Alias = facts.Host,
            Host = Name("hostname", ConfigTokens.HostName(values, facts)),
            Port = facts.Port ?? Count("port", 1, 65535) ?? HostNames.DefaultPort,
            User = Name("user", facts.User ?? values.One("user") ?? facts.LocalUser),
            IdentityFiles = Paths("identityfile"),
            CertificateFiles = Paths("certificatefile"),
            IdentitiesOnly = IsYes("identitiesonly"),
            IdentityAgent = Agent(),
            ProxyJump = Jumps(),
            KnownHostsFiles = KnownHosts(),
            HostKeyAlias = values.One("hostkeyalias"),
            AcceptNew = Strictness(),
            HashKnownHosts = IsYes("hashknownhosts"),
            UpdateHostKeys = OneOf("updatehostkeys", "yes", "no", "ask", "true", "false") is "yes" or "true",
            RequiredRsaSize = Count("requiredrsasize", 1, 16384),
            HostKeyAlgorithms = values.One("hostkeyalgorithms"),
            Ciphers = values.One("ciphers"),
            Macs = values.One("macs"),
            KexAlgorithms = values.One("kexalgorithms"),
            ConnectTimeout = Time("connecttimeout"),
            ServerAliveInterval = Time("serveraliveinterval"),
            ServerAliveCountMax = Count("serveralivecountmax", 0, LongestCount),
            Environment = values.Line("setenv")?.Arguments ?? [],
            AddressFamily = OneOf("addressfamily", "any", "inet", "inet6"),
            PreferredAuthentications = values.One("preferredauthentications")?.Split(',') ?? [],
        };
    }

    private void RefusePrograms()
    {
        foreach (var keyword in (string[])["proxycommand", "knownhostscommand", "pkcs11provider", "securitykeyprovider"])
        {
            if (values.Line(keyword) is not { } line || line.Arguments[0].Equals("none", StringComparison.OrdinalIgnoreCase) || (keyword == "securitykeyprovider" && line.Arguments[0] == "internal"))
                continue;
            throw new FormatException($"{line.Place}: {keyword} would run a program, which is refused.");
        }
    }

    /// <summary>What keeps somebody out must not be passed over.</summary>
    private void KeepBans()
    {
        if (values.Line("refuseconnection") is { } refusal)
            throw new FormatException($"{refusal.Place}: it refuses connections to this host: {Printable.Text(refusal.Rest, 200)}");
        if (values.Line("revokedhostkeys") is { } revoked && !IsNone(revoked.Arguments[0]))
            throw new FormatException($"{revoked.Place}: the keys of revokedhostkeys must be refused, and that file is not read here; mark them @revoked in a file of known hosts.");
    }

    /// <summary>A host or user, which goes into names of files, messages and other programs' hands (CVE class 47).</summary>
    private static string Name(string keyword, string name) => name.Length > 0 && name[0] != '-' && name.AsSpan().IndexOfAny("'\"`$\\;&<>|(){}! \t\r\n\0") < 0 && !name.Any(char.IsControl)
        ? name
        : throw new FormatException($"the {keyword} '{Printable.Text(name, 80)}' has characters that no {keyword} has.");

    private List<string> Paths(string keyword) =>
        [.. values.All(keyword).Where(line => !IsNone(line.Arguments[0])).Select(line => ConfigTokens.Path(line.Arguments[0], line, values, facts))];

    private string? Agent() => values.Line("identityagent") switch
    {
        null => null,
        var line when IsNone(line.Arguments[0]) => "",
        { Arguments: ["SSH_AUTH_SOCK", ..] } => null,
        var line when line.Arguments[0] is ['$', not '{', ..] => facts.Environment(line.Arguments[0][1..]) ?? "",
        var line => ConfigTokens.Path(line.Arguments[0], line, values, facts),
    };

    private string[] Jumps()
    {
        if (values.Line("proxyjump") is not { } line || IsNone(line.Arguments[0]))
            return [];
        var hops = line.Arguments[0].Split(',');
        foreach (var hop in hops)
            _ = Name("proxyjump", hop);
        return hops;
    }

    private List<string>? KnownHosts()
    {
        if (!values.Has("userknownhostsfile") && !values.Has("globalknownhostsfile"))
            return null;
        var defaults = HostKeyTrust.Default.KnownHostsFiles;
        return [.. Files("userknownhostsfile") ?? defaults.Take(2), .. Files("globalknownhostsfile") ?? defaults.Skip(2)];
    }

    private IEnumerable<string>? Files(string keyword) => values.Line(keyword) is not { } line ? null
        : line.Arguments.Where(path => !IsNone(path)).Select(path => ConfigTokens.Path(path, line, values, facts));

    private bool Strictness() => OneOf("stricthostkeychecking", "yes", "ask", "accept-new", "no", "off", "true", "false") is "accept-new" or "no" or "off" or "false";

    private bool IsYes(string keyword) => OneOf(keyword, "yes", "no", "true", "false") is "yes" or "true";

    private string? OneOf(string keyword, params ReadOnlySpan<string> allowed)
    {
        if (values.Line(keyword) is not { } line)
            return null;
        var value = line.Arguments[0].ToLowerInvariant();
        return allowed.Contains(value) ? value : throw new FormatException($"{line.Place}: {keyword} is '{Printable.Text(line.Arguments[0], 60)}', and may be {string.Join(", ", allowed.ToArray())}.");
    }

    private int? Count(string keyword, int least, int most)
    {
        if (values.Line(keyword) is not { } line)
            return null;
        return int.TryParse(line.Arguments[0], NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number >= least && number <= most
            ? number
            : throw new FormatException($"{line.Place}: {keyword} is '{Printable.Text(line.Arguments[0], 60)}', and must be a number from {least} to {most}.");
    }

    /// <summary>A time as sshd_config(5), TIME FORMATS, writes it: <c>90</c>, <c>1m30s</c>.</summary>
    private TimeSpan? Time(string keyword)
    {
        if (values.Line(keyword) is not { } line || IsNone(line.Arguments[0]))
            return null;
        long seconds = 0, number = 0;
        var isOpen = false;
        foreach (var c in line.Arguments[0])
        {
            var unit = char.ToLowerInvariant(c) switch { 's' => 1, 'm' => 60, 'h' => 3600, 'd' => 86_400, 'w' => 604_800, _ => 0 };
            if (char.IsAsciiDigit(c))
                (number, isOpen) = (number * 10 + (c - '0'), true);
            else if (unit > 0 && isOpen)
                (seconds, number, isOpen) = (seconds + number * unit, 0, false);
            else
                seconds = long.MaxValue / 2;
            if (seconds + number > LongestCount * 60L)
                throw new FormatException($"{line.Place}: {keyword} is '{Printable.Text(line.Arguments[0], 60)}', and must be a time.");
        }
        return TimeSpan.FromSeconds(seconds + number);
    }

    private static bool IsNone(string value) => value.Equals("none", StringComparison.OrdinalIgnoreCase);
}
