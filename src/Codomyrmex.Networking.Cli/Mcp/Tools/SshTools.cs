using Codomyrmex.Networking.Cli.Commands;
using Codomyrmex.Networking.Cli.Parsing;
using Codomyrmex.Networking.Ssh;

namespace Codomyrmex.Networking.Cli.Mcp.Tools;

/// <summary><c>ssh_run</c>, <c>sftp_get</c> and <c>sftp_put</c>, on the hosts that the operator names and no others.</summary>
internal static class SshTools
{
    private static readonly Parameter Target = new("target", ParameterKind.Text, "one of the hosts that the operator allows, as the list of tools writes it") { IsRequired = true, Most = 300 };
    private static readonly Parameter Local = new("local", ParameterKind.Text, "the file's path below the operator's folder, such as reports/today.txt") { IsRequired = true, Most = 1024 };
    private static readonly Parameter Remote = new("remote", ParameterKind.Text, "the file's path on the host") { IsRequired = true, Most = 4096 };

    public static Tool Run(IReadOnlyList<SshTarget> targets) => new("ssh_run", "Run a command over SSH",
        $"Runs a command in the login shell of one of these hosts, and returns its output and exit code: {string.Join(", ", targets)}. A status other than 0 is a result, with code ssh.exit_status.",
        ToolHints.Destructive | ToolHints.OpenWorld,
        [
            Target,
            new("command", ParameterKind.Text, "the command line, read by the shell there") { IsRequired = true, Most = 32_768 },
            new("input", ParameterKind.Text, "standard input for the command") { Most = 1 << 20 },
        ],
        """
        "exitCode":{"type":["integer","null"]},"signal":{"type":["string","null"]},"stderr":{"type":"string"}
        """, RunAsync);

    public static Tool Get(IReadOnlyList<SshTarget> targets) => new("sftp_get", "Fetch a file over SFTP",
        $"Fetches a file from one of these hosts into the operator's folder: {string.Join(", ", targets)}. An existing file is kept unless overwrite is true.",
        ToolHints.Destructive | ToolHints.Idempotent | ToolHints.OpenWorld,
        [Target, Remote, Local, new("overwrite", ParameterKind.Flag, "replace the local file where it exists")],
        """
        "bytes":{"type":"integer"},"sha256":{"type":["string","null"]},"local":{"type":"string"},"remote":{"type":"string"}
        """, GetAsync);

    public static Tool Put(IReadOnlyList<SshTarget> targets) => new("sftp_put", "Send a file over SFTP",
        $"Sends a file of the operator's folder to one of these hosts: {string.Join(", ", targets)}. An existing file is kept unless overwrite is true.",
        ToolHints.Destructive | ToolHints.Idempotent | ToolHints.OpenWorld,
        [Target, Local, Remote, new("overwrite", ParameterKind.Flag, "replace the file there where it exists")],
        """
        "bytes":{"type":"integer"},"sha256":{"type":["string","null"]},"local":{"type":"string"},"remote":{"type":"string"}
        """, PutAsync);

    private static async Task<ToolAnswer> RunAsync(ToolRun run)
    {
        await using var way = await OpenAsync(run);
        using var input = run.Arguments.Text("input") is { } text ? new MemoryStream(System.Text.Encoding.UTF8.GetBytes(text)) : null;
        SSHCommandResult result;
        try
        {
            // Both of its outputs may be as long.
            var options = SSHCommandOptions.Default with { StandardInput = input, MaxOutputBytes = (int)Math.Clamp(run.Lease.Bytes / 2, 1, 1 << 29) };
            result = await way.Client.RunAsync(run.Arguments.Required("command"), options, run.Cancelled);
        }
        catch (NetworkException error) when (error.Code == ErrorCodes.SshOutputTooLarge)
        {
            run.Lease.Spend(run.Lease.Bytes);
            throw;
        }
        run.Lease.Spend(result.StdoutBytes.Length + result.StderrBytes.Length);
        var isDone = result.ExitCode == 0;
        return new ToolAnswer
        {
            Code = isDone ? ToolAnswer.Ok : ErrorCodes.SshExitStatus,
            Message = isDone ? null : result.Signal is { } signal ? $"The command was ended by the signal {signal}." : $"The command ended with status {result.ExitCode}.",
            Content = ToolContent.Of(result.StdoutBytes.Span),
            Result = writer =>
            {
                if (result.ExitCode is { } code)
                    writer.WriteNumber("exitCode", code);
                else
                    writer.WriteNull("exitCode");
                writer.WriteString("signal", result.Signal);
                writer.WriteString("stderr", result.Stderr);
            },
        };
    }

    private static async Task<ToolAnswer> GetAsync(ToolRun run)
    {
        var local = run.Host.Files!.Resolve(run.Arguments.Required("local"));
        var remote = run.Arguments.Required("remote");
        await using var way = await OpenAsync(run);
        await using var files = await way.Client.OpenSftpAsync(run.Cancelled);
        var facts = await files.GetAttributesAsync(remote, cancellationToken: run.Cancelled);
        if (facts.Kind is not (SftpFileKind.File or SftpFileKind.Unknown) || facts.Size is not { } size)
            return ToolAnswer.Refused(ToolCalling.Usage, $"{remote} is no file of a known size.");
        if (size > run.Lease.Bytes)
            return ToolAnswer.Refused(ErrorCodes.BudgetBytes, $"{remote} has {size} bytes; a call may take in {run.Lease.Bytes}.");
        Directory.CreateDirectory(Path.GetDirectoryName(local)!);
        // It may grow while it is fetched.
        using var enough = CancellationTokenSource.CreateLinkedTokenSource(run.Cancelled);
        var guard = new Progress(run, enough);
        try
        {
            var result = await files.DownloadAsync(remote, local, Options(run, guard) with { Verify = false, KeepPartial = false }, enough.Token);
            run.Lease.Spend(result.Bytes);
            return Done(run, result);
        }
        catch (OperationCanceledException) when (guard.IsTooMuch)
        {
            run.Lease.Spend(run.Lease.Bytes);
            return ToolAnswer.Refused(ErrorCodes.BudgetBytes, $"{remote} grew beyond the {run.Lease.Bytes} bytes that a call may take in.") with { WasSent = WasSent.Yes };
        }
    }

    private static async Task<ToolAnswer> PutAsync(ToolRun run)
    {
        var local = run.Host.Files!.Resolve(run.Arguments.Required("local"));
        if (!File.Exists(local))
            throw new UsageException($"There is no file '{run.Arguments.Required("local")}' in the operator's folder.", "local");
        await using var way = await OpenAsync(run);
        await using var files = await way.Client.OpenSftpAsync(run.Cancelled);
        return Done(run, await files.UploadAsync(local, run.Arguments.Required("remote"), Options(run, run.Progress), run.Cancelled));
    }

    private static SftpTransferOptions Options(ToolRun run, IProgress<TransferProgress> progress) => new()
    {
        Overwrite = run.Arguments.Flag("overwrite"),
        Verify = true,
        Progress = progress,
        Total = Timeout.InfiniteTimeSpan,
    };

    private static ToolAnswer Done(ToolRun run, SftpTransferResult result) => new()
    {
        Result = writer =>
        {
            writer.WriteNumber("bytes", result.Bytes);
            writer.WriteString("sha256", result.Sha256);
            writer.WriteString("local", run.Arguments.Required("local"));
            writer.WriteString("remote", result.RemotePath);
        },
    };

    private static async Task<SshWay> OpenAsync(ToolRun run)
    {
        var asked = run.Arguments.Required("target");
        // As it is written: a host that looks like an allowed one is another host.
        var target = run.Host.Ssh.FirstOrDefault(target => target.ToString() == asked) ??
            throw new UsageException($"The operator does not allow that host; there are {string.Join(", ", run.Host.Ssh)}.", "target");
        run.Lease.SpendHost(target.Host);
        return await SshWay.OpenAsync(run.Host.Run.Until(run.Cancelled), target);
    }

    /// <summary>Passes progress on, and stops a file that turns out to be larger than may be taken.</summary>
    private sealed class Progress(ToolRun run, CancellationTokenSource enough) : IProgress<TransferProgress>
    {
        public bool IsTooMuch { get; private set; }

        public void Report(TransferProgress value)
        {
            run.Progress.Report(value);
            if (value.Bytes <= run.Lease.Bytes || IsTooMuch)
                return;
            IsTooMuch = true;
            enough.Cancel();
        }
    }
}
