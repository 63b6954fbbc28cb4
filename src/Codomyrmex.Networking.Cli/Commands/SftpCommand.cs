using Codomyrmex.Networking.Cli.Parsing;

namespace Codomyrmex.Networking.Cli.Commands;

/// <summary><c>sftp</c>: files on another machine.</summary>
internal static class SftpCommand
{
    private static readonly string[] Verbs = ["put", "get", "ls", "rm", "mkdir", "stat", "sync"];

    public static Command Make() => new("sftp", "put|get|ls|rm|mkdir|stat|sync PATH… [DESTINATION]", "send, fetch and look after files on another machine",
        [SshOptions.Files, SshOptions.Who, SshOptions.Trust, SshOptions.Way, SshOptions.Time, ConnectionOptions.Permission, GeneralOptions.Plain], RunAsync)
    {
        LeastPositionals = 2,
        MostPositionals = int.MaxValue,
        Choices = Verbs,
        Details =
        [
            "Remote paths are [USER@]HOST[:PORT]:/PATH, or HOST:~/PATH below the home there. put and sync go there or, where the first path is remote, sync comes from there; get fetches. " +
            "A file appears under its name when it is whole; until then it grows beside it, and what has arrived when a run is interrupted stays for --resume. --verify compares the SHA-256 of both " +
            "sides. What exists is not replaced without --overwrite. Directories need --recursive; what a server calls its files never leaves the folder that they go to. As a local file, - is " +
            "standard output of get, standard input of put; ./- is a file of that name.",
            "Progress goes to standard error. With --json a file's document is {\"bytes\":n,\"sha256\":\"…\",\"resumedFrom\":n,\"elapsedMs\":…,\"path\":\"…\"}, one a line; the hash is null without --verify. " +
            "A directory's is {\"files\":n,\"bytes\":n,\"unchanged\":n,\"deleted\":n,\"skipped\":n,\"elapsedMs\":…,\"path\":\"…\"}. Keys, trust and passwords are as for ssh.",
        ],
        Examples =
        [
            "sftp put report.pdf admin@server.example:/srv/reports/", "sftp get server.example:/var/log/syslog . --resume --verify", "sftp get server.example:/etc/motd -", "sftp ls server.example:~/", "sftp sync site/ web.example:/var/www --delete",
        ],
    };

    private static async Task<int> RunAsync(Invocation run)
    {
        var words = run.Arguments.Positionals;
        var paths = words.Skip(1).ToList();
        switch (words[0])
        {
            case "put" or "get" or "sync":
                return await new SftpTransfers(run).RunAsync(words[0], paths);
            case "ls" or "rm" or "mkdir" or "stat":
                return await new SftpPaths(run).RunAsync(words[0], paths);
            default:
                throw new UsageException($"sftp does not {words[0]}{Suggestion.Instead(words[0], Verbs)}", words[0]);
        }
    }

    /// <summary>The one host that all of some remote paths are on, and the paths there.</summary>
    public static (SshTarget Target, List<string> Paths) OneHost(IEnumerable<string> texts)
    {
        SshTarget? target = null;
        var paths = new List<string>();
        foreach (var text in texts)
        {
            var (host, path) = Remote(text) ?? throw new UsageException($"'{text}' is no remote path; write [USER@]HOST[:PORT]:/PATH.", text);
            if (target is not null && target != host)
                throw new UsageException($"'{text}' is on another host than the paths before it; one run talks to one.", text);
            target = host;
            paths.Add(path);
        }
        return (target!, paths);
    }

    public static (SshTarget Target, string Path)? Remote(string text)
    {
        try
        {
            return SshTarget.TryParsePath(text);
        }
        catch (FormatException wrong)
        {
            throw new UsageException(wrong.Message, text, wrong);
        }
    }
}
