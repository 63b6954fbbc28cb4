using System.Globalization;
using System.Security.Cryptography;
using Codomyrmex.Networking.Cli.Parsing;
using Codomyrmex.Networking.Cli.Rendering;
using Codomyrmex.Networking.Ssh;

namespace Codomyrmex.Networking.Cli.Commands;

/// <summary>What <c>sftp get … -</c> and <c>sftp put - …</c> do: one file, through standard output or standard input.</summary>
internal sealed class SftpPipes(Invocation run)
{
    public const string Name = "-";

    private const int PartBytes = 256 * 1024;

    // How many parts are on their way at a time: a far server answers late.
    private const int MostUnderWay = 8;

    /// <summary>Throws where options are given that a pipe has no place for.</summary>
    public static void Demand(ParsedArguments arguments, string verb, int files)
    {
        var what = verb == "get" ? "standard output" : "standard input";
        if (verb == "sync")
            throw new UsageException("sftp sync makes one directory like one other; '-' is none.", Name);
        if (files > 1)
            throw new UsageException($"sftp {verb}: {what} ('-') takes one file.", Name);
        foreach (var option in (ReadOnlySpan<Option>)[SshOptions.Resume, SshOptions.Verify, SshOptions.Recursive])
        {
            if (arguments.Has(option))
                throw new UsageException($"{option.Name} is for files; {what} ('-') is none.", option.Name);
        }
        if (verb == "get" && arguments.Has(GeneralOptions.Json))
            throw new UsageException($"{GeneralOptions.Json.Name} and '-' both want standard output; name a file.", GeneralOptions.Json.Name);
    }

    /// <summary>A remote file to standard output, as it comes.</summary>
    public Task GetAsync(SftpFileSystem files, string source) => WithinTimeAsync(async stop =>
    {
        if (await files.GetAttributesAsync(source, cancellationToken: stop) is { Kind: SftpFileKind.Directory })
            throw new UsageException($"'{source}' is a directory; standard output ('-') takes one file.", source);
        await using var content = await files.OpenReadAsync(source, stop);
        await new StreamText(run.Context.Out, run.Context.IsOutTerminal).CopyAsync(content, stop);
    });

    /// <summary>Standard input to a remote file, which has its name when it is whole.</summary>
    public Task PutAsync(SftpFileSystem files, string destination) => WithinTimeAsync(async stop =>
    {
        var start = run.Context.Clock.GetTimestamp();
        var overwrite = run.Arguments.Has(TransferOptions.Overwrite);
        var before = await files.FindAsync(destination, cancellationToken: stop);
        if (destination.EndsWith('/') || before is { Kind: SftpFileKind.Directory })
            throw new UsageException($"'{destination}' is a directory there, and standard input has no name; name the file.", destination);
        if (before is not null && !overwrite)
            throw new NetworkFailure { Code = ErrorCodes.SftpExists, Message = $"'{destination}' exists.", Phase = NetworkPhase.Prepare }.ToException();
        var temporary = $"{destination}.{RandomNumberGenerator.GetHexString(16, lowercase: true)}.part";
        var file = await MakeAsync(files, temporary, destination, stop);
        try
        {
            long bytes;
            await using (file)
            {
                bytes = await SendAsync(file, stop);
                if (files.Extensions.ContainsKey("fsync@openssh.com"))
                    await file.SyncAsync(stop);
                await file.CloseAsync(stop);
            }
            await files.RenameAsync(temporary, destination, overwrite && before is not null, stop);
            Show(new SftpTransferResult { LocalPath = Name, RemotePath = destination, Bytes = bytes, Elapsed = run.Context.Clock.GetElapsedTime(start) });
        }
        catch
        {
            if (files.IsOpen)
                await files.DeleteAsync(temporary, CancellationToken.None).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            throw;
        }
    });

    private static async Task<SftpFile> MakeAsync(SftpFileSystem files, string temporary, string destination, CancellationToken stop)
    {
        try
        {
            return await files.OpenAsync(temporary, SftpOpenMode.Write | SftpOpenMode.Create | SftpOpenMode.New, cancellationToken: stop);
        }
        catch (SftpException refused)
        {
            // Of the name until then nobody has heard.
            throw (refused.Failure with { Message = refused.Message.Replace(temporary, destination, StringComparison.Ordinal) }).ToException(refused);
        }
    }

    private async Task<long> SendAsync(SftpFile file, CancellationToken stop)
    {
        await using var input = new InputStream(run.Context.OpenInput());
        var underWay = new Queue<Task>();
        long offset = 0;
        run.Progress = () => string.Create(CultureInfo.InvariantCulture, $"{offset} bytes had been read, and nothing was left there");
        try
        {
            while (true)
            {
                var part = new byte[PartBytes];
                var count = await input.ReadAtLeastAsync(part, part.Length, throwOnEndOfStream: false, stop);
                if (count > 0)
                    underWay.Enqueue(file.WriteAsync(part.AsMemory(0, count), offset, stop).AsTask());
                offset += count;
                if (underWay.Count == MostUnderWay)
                    await underWay.Dequeue();
                if (count < part.Length)
                    break;
            }
            while (underWay.TryDequeue(out var write))
                await write;
            return offset;
        }
        finally
        {
            await Task.WhenAll(underWay).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private void Show(SftpTransferResult result)
    {
        if (run.IsJson)
            JsonOutput.Write(run.Context.Out, writer => SftpDocument.Write(writer, result, result.RemotePath));
        else if (!run.IsQuiet)
            SftpDocument.WriteText(run.Out, result, result.RemotePath);
    }

    private Task WithinTimeAsync(Func<CancellationToken, Task> work) => TimeLimit.WithinAsync(run, SshOptions.Timeout, "the transfer", async stop =>
    {
        await work(stop);
        return ExitCodes.Done;
    });
}
