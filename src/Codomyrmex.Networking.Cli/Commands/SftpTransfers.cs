using Codomyrmex.Networking.Cli.Parsing;
using Codomyrmex.Networking.Cli.Rendering;
using Codomyrmex.Networking.Ssh;

namespace Codomyrmex.Networking.Cli.Commands;

/// <summary>What <c>sftp</c> sends and fetches: <c>put</c>, <c>get</c>, <c>sync</c>.</summary>
internal sealed class SftpTransfers(Invocation run)
{
    private CancellationToken Token => run.Context.Interrupted;

    public async Task<int> RunAsync(string verb, List<string> paths)
    {
        if (paths.Count < 2)
            throw new UsageException($"sftp {verb} needs what to take and where to put it.", "DESTINATION");
        var (sources, destination) = (paths[..^1], paths[^1]);
        var isUpload = verb == "put" || (verb == "sync" && SftpCommand.Remote(destination) is not null);
        if (verb == "sync" && sources.Count != 1)
            throw new UsageException("sftp sync makes one directory like one other.", sources[1]);
        var (target, remote) = SftpCommand.OneHost(isUpload ? [destination] : sources);
        if ((isUpload ? sources : [destination]).FirstOrDefault(path => SftpCommand.Remote(path) is not null) is { } both)
            throw new UsageException($"'{both}' is remote, and so is the other side; one of them must be here.", both);
        var isPipe = (isUpload ? sources : [destination]).Contains(SftpPipes.Name);
        if (isPipe)
            SftpPipes.Demand(run.Arguments, verb, sources.Count);
        else if (verb == "get" && !run.Arguments.Has(SshOptions.Recursive))
            OutputFile.Demand(destination, destination);
        else if (verb == "put" && sources.Find(path => !Path.Exists(path)) is { } absent)
            throw new UsageException($"There is no '{absent}'.", absent);
        await using var way = await SshWay.OpenAsync(run, target);
        await using var files = await way.Client.OpenSftpAsync(Token);
        for (var i = 0; i < remote.Count; i++)
            remote[i] = await SftpPaths.HomeOfAsync(files, remote[i], Token);
        if (isPipe && isUpload)
            await new SftpPipes(run).PutAsync(files, remote[0]);
        else if (isPipe)
            await new SftpPipes(run).GetAsync(files, remote[0]);
        else if (verb == "sync")
            await SyncAsync(files, isUpload, sources[0], isUpload ? remote[0] : destination, isUpload ? null : remote[0]);
        else if (isUpload)
            await PutAsync(files, sources, remote[0]);
        else
            await GetAsync(files, remote, destination);
        return ExitCodes.Done;
    }

    private async Task PutAsync(SftpFileSystem files, List<string> sources, string destination)
    {
        var isDirectory = destination.EndsWith('/') || await files.FindAsync(destination, cancellationToken: Token) is { Kind: SftpFileKind.Directory };
        if (sources.Count > 1 && !isDirectory)
            throw new UsageException($"'{destination}' is no directory there, and several files cannot have one name.", destination);
        foreach (var source in sources)
        {
            var target = isDirectory ? $"{destination.TrimEnd('/')}/{Path.GetFileName(Path.TrimEndingDirectorySeparator(Path.GetFullPath(source)))}" : destination;
            if (Directory.Exists(source))
                await TreeAsync(source, target, options => files.UploadDirectoryAsync(source, target, options, Token));
            else
                await FileAsync(source, target, options => files.UploadAsync(source, target, options, Token), static result => result.RemotePath);
        }
    }

    private async Task GetAsync(SftpFileSystem files, List<string> sources, string destination)
    {
        var isFolder = Path.EndsInDirectorySeparator(destination) || Directory.Exists(destination);
        if (sources.Count > 1 && !isFolder)
            throw new UsageException($"'{destination}' is no folder, and several files cannot have one name.", destination);
        foreach (var source in sources)
        {
            if (await files.GetAttributesAsync(source, cancellationToken: Token) is { Kind: SftpFileKind.Directory })
            {
                // The name is the one that was asked for, not one that the server gives.
                var name = source.TrimEnd('/')[(source.TrimEnd('/').LastIndexOf('/') + 1)..];
                var target = isFolder && name is not ("" or "." or "..") ? Path.Join(destination, name) : destination;
                await TreeAsync(source, Path.GetFullPath(target), options => files.DownloadDirectoryAsync(source, target, options, Token));
            }
            else
            {
                await FileAsync(source, destination, options => files.DownloadAsync(source, destination, options, Token), static result => result.LocalPath);
            }
        }
    }

    private async Task SyncAsync(SftpFileSystem files, bool isUpload, string local, string destination, string? remote)
    {
        if (isUpload && !Directory.Exists(local))
            throw new UsageException($"'{local}' is no folder; sync makes one directory like another.", local);
        await WithProgressAsync(destination, async progress =>
        {
            var options = TreeOptions(progress) with { Delete = run.Arguments.Has(SshOptions.Delete) };
            options = options with { Transfer = options.Transfer with { Overwrite = true, PreserveTimes = true } };
            var result = isUpload ? await files.SyncToAsync(local, destination, options, Token) : await files.SyncFromAsync(remote!, destination, options, Token);
            Show(result, isUpload ? destination : Path.GetFullPath(destination));
        });
    }

    private async Task TreeAsync(string source, string target, Func<SftpTreeOptions, Task<SftpTreeResult>> transfer)
    {
        if (!run.Arguments.Has(SshOptions.Recursive))
            throw new UsageException($"'{source}' is a directory; --recursive takes it with all that is in it.", source);
        await WithProgressAsync(target, async progress => Show(await transfer(TreeOptions(progress)), target));
    }

    private async Task FileAsync(string source, string target, Func<SftpTransferOptions, Task<SftpTransferResult>> transfer, Func<SftpTransferResult, string> path)
    {
        await WithProgressAsync(source, async progress =>
        {
            var result = await transfer(FileOptions(progress));
            progress.Dispose();
            if (run.IsJson)
                JsonOutput.Write(run.Context.Out, writer => SftpDocument.Write(writer, result, path(result)));
            else if (!run.IsQuiet)
                SftpDocument.WriteText(run.Out, result, path(result));
        });
    }

    private async Task WithProgressAsync(string name, Func<ProgressView, Task> transfer)
    {
        using var progress = new ProgressView(run.Context, name, run.IsQuiet);
        run.Progress = () => $"{SizeText.Of(progress.Bytes)} had been transferred, and the same command with --resume goes on from there";
        await transfer(progress);
    }

    private SftpTransferOptions FileOptions(ProgressView progress) => new()
    {
        Resume = run.Arguments.Has(SshOptions.Resume),
        Overwrite = run.Arguments.Has(TransferOptions.Overwrite),
        Verify = run.Arguments.Has(SshOptions.Verify),
        Total = run.Arguments.Value(SshOptions.Timeout, DurationText.Parse) ?? Timeout.InfiniteTimeSpan,
        Progress = progress,
    };

    private SftpTreeOptions TreeOptions(ProgressView progress) => new()
    {
        Transfer = FileOptions(progress),
        Parallel = run.Arguments.Value(SshOptions.Parallel, static text => NumberText.Parse(text, 1, 64)) ?? SftpTreeOptions.Default.Parallel,
    };

    private void Show(SftpTreeResult result, string path)
    {
        if (run.IsJson)
            JsonOutput.Write(run.Context.Out, writer => SftpDocument.Write(writer, result, path));
        else if (!run.IsQuiet)
            SftpDocument.WriteText(run.Out, result, path);
    }
}
