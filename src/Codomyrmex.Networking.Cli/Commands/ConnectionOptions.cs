using Codomyrmex.Networking.Cli.Parsing;

namespace Codomyrmex.Networking.Cli.Commands;

/// <summary>The options of every command that connects: time, way, trust, permission.</summary>
internal static class ConnectionOptions
{
    public static readonly Option Timeout = new("--timeout", "D", "total deadline: 500ms, 10s, 2m; a bare number is seconds (default 100s)") { Elsewhere = ["-m", "--max-time"] };
    public static readonly Option ConnectTimeout = new("--connect-timeout", "D", "limit for opening a connection (default 10s)");
    public static readonly Option IdleTimeout = new("--idle-timeout", "D", "limit between two reads of an answer (default 30s)");
    public static readonly Option Retry = new("--retry", "N", "attempts after the first, of POST and PATCH too (default 2 for idempotent requests, 0 otherwise)");

    public static readonly Option Proxy = new("--proxy", "URL", "http(s)://, socks4a://, socks5:// or socks5h://; several take turns; password in CODONET_PROXY_PASSWORD") { IsRepeatable = true, Elsewhere = ["-x"] };
    public static readonly Option NoProxy = new("--no-proxy", "LIST", "hosts reached without the proxy: names, addresses, ranges, *; by commas") { IsRepeatable = true };
    public static readonly Option Resolve = new("--resolve", "HOST:PORT:ADDR", "use this address for that host and port") { IsRepeatable = true };
    public static readonly Option Dns = new("--dns", "SERVER[:PORT]", "ask this DNS server");
    public static readonly Option IPv4 = new("-4", null, "IPv4 only");
    public static readonly Option IPv6 = new("-6", null, "IPv6 only");

    public static readonly Option Policy = new("--policy", "NAME|FILE", "egress policy: unrestricted (default), public-only, nothing, or a JSON file")
    {
        Choices = ["unrestricted", "public-only", "nothing"],
        IsFile = true,
    };
    public static readonly Option Allow = new("--allow", "HOST|CIDR[:PORTS]", "allow a target that the policy denies") { IsRepeatable = true };
    public static readonly Option Deny = new("--deny", "HOST|CIDR[:PORTS]", "deny a target; beats --allow") { IsRepeatable = true };

    public static readonly Option CaCert = new("--cacert", "FILE", "trust the roots of this PEM file instead of the system's") { IsFile = true };
    public static readonly Option Cert = new("--cert", "FILE", "PEM certificate to present") { IsFile = true };
    public static readonly Option Key = new("--key", "FILE", "its PEM private key, where it is not in the same file") { IsFile = true };
    public static readonly Option Pin = new("--pin", "sha256//…", "a public key that the certificate chain must hold") { IsRepeatable = true };
    public static readonly Option Insecure = new("--insecure", null, "accept any certificate from anybody") { Elsewhere = ["-k"] };

    public static readonly OptionGroup Time = new("Time", [Timeout, ConnectTimeout, IdleTimeout, Retry]);
    public static readonly OptionGroup ProbeTime = new("Time", [Timeout, ConnectTimeout, IdleTimeout]);
    public static readonly OptionGroup Way = new("Connection", [Proxy, NoProxy, Resolve, Dns, IPv4, IPv6]);
    public static readonly OptionGroup Permission = new("Egress policy", [Policy, Allow, Deny]);

    /// <summary>Of commands whose default is another.</summary>
    public static readonly OptionGroup PublicPermission = new("Egress policy", [Policy.Saying("egress policy: public-only (default), unrestricted, nothing, or a JSON file"), Allow, Deny]);
    public static readonly OptionGroup Tls = new("TLS", [CaCert, Cert, Key, Pin, Insecure]);
}
