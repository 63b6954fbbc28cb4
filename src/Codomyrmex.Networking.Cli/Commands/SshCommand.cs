using Codomyrmex.Networking.Cli.Parsing;
using Codomyrmex.Networking.Cli.Rendering;
using Codomyrmex.Networking.Ssh;

namespace Codomyrmex.Networking.Cli.Commands;

/// <summary><c>ssh</c>: runs a command on another machine.</summary>
internal static class SshCommand
{
    private const string Argument = "[USER@]HOST[:PORT]";

    public static Command Make() => new("ssh", Argument + " [--] [COMMAND…]", "run a command on another machine, and hand on its status; or keep forwards open",
        [SshOptions.Who, SshOptions.Trust, SshOptions.Forwards, SshOptions.Way, SshOptions.Time, ConnectionOptions.Permission, GeneralOptions.Plain], RunAsync)
    {
        LeastPositionals = 1,
        MostPositionals = int.MaxValue,
        Details =
        [
            "The words behind the host are joined by blanks and read by the login shell there, as with ssh. The command gets standard input, and its output is passed on as it comes; " +
            "on a terminal, control characters in it are shown as escapes. The exit code is the command's; one that a signal ended gives 128 and the signal's number. With --json " +
            "the document is {\"exitCode\":0,\"signal\":null,\"stdout\":\"…\",\"stderr\":\"…\",\"elapsedMs\":…}.",
            "A host that is not known is refused: add its key to ~/.ssh/known_hosts, name its fingerprint (--host-key), or believe whoever answers first (--accept-new). A changed key " +
            "is refused always. Passwords come from CODONET_SSH_PASSWORD or --password-file and are shown to the host alone, not to those of --jump; passphrases of keys from CODONET_SSH_PASSPHRASE. The agent of SSH_AUTH_SOCK signs, and is " +
            "never forwarded. ~/.ssh/config is read only as --config ~/.ssh/config; what would run a program there is refused.",
        ],
        Examples =
        [
            "ssh admin@server.example -- uptime", "ssh server.example --json -- cat /etc/hostname", "ssh server.example:2222 --jump bastion.example --key ~/.ssh/deploy -- systemctl status web",
            "ssh db.example -L 5432:localhost:5432",
        ],
    };

    private static async Task<int> RunAsync(Invocation run)
    {
        var words = run.Arguments.Positionals;
        var target = Target(words[0]);
        var command = string.Join(' ', words.Skip(1));
        var forwards = SshForwards.Read(run.Arguments);
        if (command.Length == 0 && forwards.Count == 0)
            throw new UsageException("ssh needs a command to run there, or a forward to keep open (-L, -R, -D).", "COMMAND");
        await using var way = await SshWay.OpenAsync(run, target);
        await using var open = await SshForwards.OpenAsync(way.Client, forwards, run);
        if (command.Length == 0)
            return await SshForwards.WaitAsync(way.Client, run.Context.Interrupted);
        return run.IsJson ? await RunWholeAsync(run, way.Client, command) : await RunStreamingAsync(run, way.Client, command);
    }

    public static SshTarget Target(string text)
    {
        try
        {
            return SshTarget.Parse(text);
        }
        catch (FormatException wrong)
        {
            throw new UsageException(wrong.Message, text, wrong);
        }
    }

    private static async Task<int> RunWholeAsync(Invocation run, SSHClient client, string command)
    {
        await using var input = run.Arguments.Has(SshOptions.NoInput) ? null : new InputStream(run.Context.OpenInput());
        var options = SSHCommandOptions.Default with
        {
            StandardInput = input,
            Timeout = run.Arguments.Value(SshOptions.Timeout, DurationText.Parse) ?? Timeout.InfiniteTimeSpan,
            MaxOutputBytes = (int?)run.Arguments.Value(SshOptions.MaxOutput, static text => NumberText.Size(text) is > 0 and <= 1 << 30 and var size ? size : throw new FormatException("a size from 1 byte to 1G.")) ?? SSHCommandOptions.Default.MaxOutputBytes,
        };
        var result = await client.RunAsync(command, options, run.Context.Interrupted);
        JsonOutput.Write(run.Context.Out, writer => SshDocument.Write(writer, result));
        return SshDocument.ExitCode(result.Exit);
    }

    private static Task<int> RunStreamingAsync(Invocation run, SSHClient client, string command) =>
        TimeLimit.WithinAsync(run, SshOptions.Timeout, $"a command on {client.Endpoint}", async stop =>
        {
            await using var process = await client.StartAsync(command, cancellationToken: stop);
            run.Progress = () => "the command there was asked to end";
            await using var hangUp = stop.Register(() => process.Signal("TERM"));
            var sending = SendInputAsync(run, process, stop);
            await Task.WhenAll(
                new StreamText(run.Context.Out, run.Context.IsOutTerminal).CopyAsync(process.StandardOutput, stop),
                new StreamText(run.Context.Error, run.Context.IsErrorTerminal).CopyAsync(process.StandardError, stop));
            var exit = await process.WaitAsync(stop);
            // Standard input may be waited for to no end; that it could not be sent matters to nobody once the command is done.
            _ = sending;
            return SshDocument.ExitCode(exit);
        }, client.Endpoint, WasSent.Yes);

    private static async Task SendInputAsync(Invocation run, SSHProcess process, CancellationToken cancellationToken)
    {
        try
        {
            if (!run.Arguments.Has(SshOptions.NoInput))
            {
                await using var input = new InputStream(run.Context.OpenInput());
                await input.CopyToAsync(process.StandardInput, cancellationToken);
            }
            await process.StandardInput.DisposeAsync();
        }
        catch (Exception over) when (over is NetworkException or IOException or OperationCanceledException or ObjectDisposedException)
        {
            // The command has ended without reading all of it, as head does.
        }
    }
}
