using Codomyrmex.Networking.Cli.Parsing;

namespace Codomyrmex.Networking.Cli.Commands;

/// <summary>The options of <c>scan</c>.</summary>
internal static class ScanOptions
{
    public static readonly Option Ports = new("--ports", "PORTS", "1-1024,8080,u:53, top:100, all, ssh, !22 (default top:1000); both ends of a range are included") { Short = "-p" };
    public static readonly Option Exclude = new("--exclude", "TARGETS", "hosts, networks and ranges to leave out, by commas") { IsRepeatable = true };
    public static readonly Option AllowUnresolved = new("--allow-unresolved-exclusions", null, "scan even where the addresses of an excluded name cannot be found");
    public static readonly Option Scope = new("--scope", "FILE", "JSON file of what may be scanned; anything else is refused") { IsFile = true };
    public static readonly Option Seed = new("--seed", "N", "the order of hosts and ports; the same for the same number");
    public static readonly Option Shard = new("--shard", "I/N", "scan one part of N; needs --seed, the same for all parts");
    public static readonly Option Plan = new("--plan", null, "show what would be done, and send nothing");

    public static readonly Option Rate = new("--rate", "N|max", "probes a second at most (default: max to this machine, 5000 to private networks, 1000 elsewhere)");
    public static readonly Option Mode = new("--mode", "MODE", "auto (default), connect, or syn, which needs the right to send raw packets") { Choices = ["auto", "connect", "syn"] };
    public static readonly Option Discover = new("--discover", "WHEN", "auto (default), always or never ask hosts for a sign of life first") { Choices = ["auto", "always", "never"] };
    public static readonly Option Retries = new("--retries", "N", "ask a silent port again in any case (default 1; more where packets are lost)");
    public static readonly Option Resume = new("--resume", "FILE", "keep track in this file, and go on where it stopped") { IsFile = true };
    public static readonly Option Timeout = new("--timeout", "D", "end the scan after this time (default: none)");

    public static readonly Option Banner = new("--banner", null, "ask open ports what listens there");
    public static readonly Option Tls = new("--tls", null, "show TLS versions and certificates of open ports; every certificate is accepted for that");
    public static readonly Option All = new("--all", null, "show closed and filtered ports too");

    public static readonly Option Xml = new("--xml", "FILE", "write nmap's XML") { IsFile = true };
    public static readonly Option Html = new("--html", "FILE", "write a page for people") { IsFile = true };
    public static readonly Option Csv = new("--csv", "FILE", "write comma-separated values") { IsFile = true };
    public static readonly Option Diff = new("--diff", "FILE", "show what changed since an earlier scan: its --json output, its --xml, or nmap's XML") { IsFile = true };

    public static readonly OptionGroup What = new("What", [Ports, Exclude, AllowUnresolved, Scope, Seed, Shard, Plan]);
    public static readonly OptionGroup How = new("How", [Rate, Mode, Discover, Retries, Resume, Timeout]);
    public static readonly OptionGroup Services = new("Services", [Banner, Tls, All]);
    public static readonly OptionGroup Reports = new("Reports", [Xml, Html, Csv, Diff]);
}
