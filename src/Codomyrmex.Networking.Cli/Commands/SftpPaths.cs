using Codomyrmex.Networking.Cli.Rendering;
using Codomyrmex.Networking.Ssh;

namespace Codomyrmex.Networking.Cli.Commands;

/// <summary>What <c>sftp</c> does with remote paths alone: <c>ls</c>, <c>stat</c>, <c>mkdir</c>, <c>rm</c>.</summary>
internal sealed class SftpPaths(Invocation run)
{
    private CancellationToken Token => run.Context.Interrupted;

    public async Task<int> RunAsync(string verb, List<string> texts)
    {
        var (target, paths) = SftpCommand.OneHost(texts);
        await using var way = await SshWay.OpenAsync(run, target);
        await using var files = await way.Client.OpenSftpAsync(Token);
        var done = 0;
        run.Progress = () => $"{done} of {paths.Count} paths were done";
        foreach (var written in paths)
        {
            var path = await HomeOfAsync(files, written, Token);
            switch (verb)
            {
                case "ls":
                    await ListAsync(files, path);
                    break;
                case "stat":
                    Show(path, await files.GetAttributesAsync(path, followLinks: false, Token));
                    break;
                case "mkdir":
                    await files.CreateDirectoryAsync(path, run.Arguments.Has(SshOptions.Parents), cancellationToken: Token);
                    Tell(path, "made");
                    break;
                default:
                    await RemoveAsync(files, path);
                    Tell(path, "removed");
                    break;
            }
            done++;
        }
        return ExitCodes.Done;
    }

    /// <summary>A path whose home directory the server fills in.</summary>
    public static async Task<string> HomeOfAsync(SftpFileSystem files, string path, CancellationToken cancellationToken)
    {
        if (!path.StartsWith("~/", StringComparison.Ordinal))
            return path;
        var home = await files.GetRealPathAsync(".", cancellationToken);
        return path.Length == 2 ? home : $"{home.TrimEnd('/')}/{path[2..]}";
    }

    private async Task ListAsync(SftpFileSystem files, string path)
    {
        var entries = new List<SftpEntry>();
        if (await files.GetAttributesAsync(path, cancellationToken: Token) is { Kind: not SftpFileKind.Directory } attributes)
        {
            entries.Add(new SftpEntry(path, path[(path.LastIndexOf('/') + 1)..], attributes));
        }
        else
        {
            await foreach (var entry in files.ListAsync(path, Token))
                entries.Add(entry);
            entries.Sort(static (one, other) => string.CompareOrdinal(one.Name, other.Name));
        }
        if (run.IsJson)
            JsonOutput.Write(run.Context.Out, writer => SftpDocument.WriteList(writer, path, entries));
        else
            SftpDocument.WriteText(run.Out, entries);
    }

    private async Task RemoveAsync(SftpFileSystem files, string path)
    {
        var attributes = await files.GetAttributesAsync(path, followLinks: false, Token);
        if (attributes.Kind != SftpFileKind.Directory)
            await files.DeleteAsync(path, Token);
        else
            await files.DeleteDirectoryAsync(path, run.Arguments.Has(SshOptions.Recursive), Token);
    }

    private void Show(string path, SftpAttributes attributes)
    {
        if (run.IsJson)
            JsonOutput.Write(run.Context.Out, writer => SftpDocument.WriteEntry(writer, path, attributes));
        else
            SftpDocument.WriteText(run.Out, [new SftpEntry(path, path, attributes)]);
    }

    private void Tell(string path, string what)
    {
        if (run.IsJson)
            JsonOutput.Write(run.Context.Out, writer => { writer.WriteString("path", path); writer.WriteBoolean(what, true); });
        else if (!run.IsQuiet)
            run.Out.Line($"{what} {path}").Flush();
    }
}
