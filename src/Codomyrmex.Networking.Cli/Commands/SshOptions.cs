using Codomyrmex.Networking.Cli.Parsing;

namespace Codomyrmex.Networking.Cli.Commands;

/// <summary>The options of <c>ssh</c> and <c>sftp</c>.</summary>
internal static class SshOptions
{
    public static readonly Option Key = new("--key", "FILE", "a private key to try; its passphrase in CODONET_SSH_PASSPHRASE (default: the agent, then ~/.ssh/id_*)") { IsRepeatable = true, IsFile = true, Elsewhere = ["-i", "--identity"] };
    public static readonly Option PasswordFile = new("--password-file", "FILE", "the first line of this file is the password; else CODONET_SSH_PASSWORD, where it is set") { IsFile = true };
    public static readonly Option KnownHosts = new("--known-hosts", "FILE", "the hosts that are known (default ~/.ssh/known_hosts and the system's)") { IsRepeatable = true, IsFile = true };
    public static readonly Option HostKey = new("--host-key", "SHA256:…", "accept exactly this host key, whatever is known") { IsRepeatable = true };
    public static readonly Option AcceptNew = new("--accept-new", null, "accept and remember a host that is not known; a changed key is refused all the same");
    public static readonly Option UpdateHostKeys = new("--update-host-keys", null, "follow a known host to new keys that it proves, and forget those that it has no longer");
    public static readonly Option Sshfp = new("--sshfp", "ADDR[:PORT]", "let SSHFP records vouch for a host that is not known, as validated by this DNS server on this machine");
    public static readonly Option InsecureAnyHostKey = new("--insecure-any-host-key", null, "accept whoever answers");
    public static readonly Option Jump = new("--jump", "[USER@]HOST[:PORT]", "go through this host first; more than one by commas, the nearest first") { Short = "-J", IsRepeatable = true };
    public static readonly Option Config = new("--config", "FILE", "read what this ssh_config says for the host; none is read unasked") { IsFile = true, Elsewhere = ["-F"] };
    public static readonly Option Legacy = new("--legacy", null, "offer broken algorithms too (SHA-1, CBC, ssh-rsa), for machines that know no others");

    public static readonly Option Local = new("-L", "[BIND:]PORT:HOST:PORT", "connections to a port here go out to a host from there") { IsRepeatable = true };
    public static readonly Option Remote = new("-R", "[BIND:]PORT:HOST:PORT", "connections to a port there go out to a host from here") { IsRepeatable = true };
    public static readonly Option Dynamic = new("-D", "[BIND:]PORT", "a SOCKS proxy here that goes out from there") { IsRepeatable = true };
    public static readonly Option NoInput = new("--no-input", null, "give the command no standard input") { Short = "-n" };
    public static readonly Option MaxOutput = new("--max-output", "SIZE", "with --json: end a command that writes more (default 16M)");

    public static readonly Option Resume = new("--resume", null, "go on where an interrupted run stopped, if the file is still the same");
    public static readonly Option Verify = new("--verify", null, "compare the SHA-256 of both sides afterwards");
    public static readonly Option Recursive = new("--recursive", null, "folders with all that is in them") { Short = "-r" };

    public static readonly Option Delete = new("--delete", null, "sync: delete at the destination what the source has not");
    public static readonly Option Parents = new("--parents", null, "mkdir: make the directories above too") { Short = "-p" };
    public static readonly Option Parallel = new("--parallel", "N", "how many files of a directory go at a time, 1 to 64 (default 8)");

    public static readonly Option Timeout = new("--timeout", "D", "total deadline: 500ms, 10s, 2m; a bare number is seconds (default none)");

    public static readonly OptionGroup Who = new("Authentication", [Key, PasswordFile, Config]);
    public static readonly OptionGroup Trust = new("Trust", [KnownHosts, HostKey, AcceptNew, UpdateHostKeys, Sshfp, InsecureAnyHostKey, Legacy]);
    public static readonly OptionGroup Way = new("Connection", [Jump, .. ConnectionOptions.Way.Options]);
    public static readonly OptionGroup Forwards = new("Command and forwards", [NoInput, MaxOutput, Local, Remote, Dynamic]);
    public static readonly OptionGroup Files = new("Files", [Recursive, TransferOptions.Overwrite, Resume, Verify, Parallel, Delete, Parents]);
    public static readonly OptionGroup Time = new("Time",
    [
        Timeout, ConnectionOptions.ConnectTimeout,
        ConnectionOptions.IdleTimeout.Saying("how long the server may be silent where bytes should come (default 30s)"),
        ConnectionOptions.Retry.Saying("attempts to connect after the first (default 2)"),
    ]);
}
