using Codomyrmex.Networking.Cli.Parsing;
using Codomyrmex.Networking.Cli.Rendering;
using Codomyrmex.Networking.Http;
using Codomyrmex.Networking.Transfers;

namespace Codomyrmex.Networking.Cli.Commands;

/// <summary><c>download</c>: a file that arrives whole or not at all, and can be gone on with.</summary>
internal static class DownloadCommand
{
    private const string Argument = "URL";

    public static Command Make() => new("download", Argument, "fetch a file: resumable, verified, over one connection or several",
        [
            TransferOptions.File, TransferOptions.Request, TransferOptions.Time, ConnectionOptions.Way, ConnectionOptions.Permission, ConnectionOptions.Tls,
            GeneralOptions.Plain,
        ], RunAsync)
    {
        LeastPositionals = 1,
        MostPositionals = 1,
        Details =
        [
            "The file appears under its name when it is whole, checked and on the disk. Until then it grows beside it, and what has arrived when " +
            "the run is interrupted, or the disk is full, stays for --resume. A connection that breaks is replaced, and the rest asked for, " +
            "where the server gives ranges of unchanged content; a file that changed is fetched anew.",
            "Progress goes to standard error: a bar on a terminal, a line now and then elsewhere, nothing with --quiet. A file that exists is " +
            "not replaced without --overwrite. With --json the document is {\"bytes\":n,\"sha256\":\"…\",\"resumedFrom\":n,\"elapsedMs\":…,\"path\":\"…\"}.",
        ],
        Examples =
        [
            "download https://example.com/big.iso", "download https://example.com/big.iso -o images/ --resume",
            "download https://example.com/big.iso -o big.iso --parallel 4 --sha256 9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
        ],
    };

    private static async Task<int> RunAsync(Invocation run)
    {
        var arguments = run.Arguments;
        var settings = ClientSettings.Read(run, "GET");
        var request = RequestReader.Read(run, "GET", []);
        var path = arguments.Text(TransferOptions.Output) ?? Directory.GetCurrentDirectory();
        if (path is "" or "-")
            throw new UsageException("--output: a download needs a file; get writes to standard output.", TransferOptions.Output.Name);
        OutputFile.Demand(path, TransferOptions.Output.Name);
        using var progress = new ProgressView(run.Context, path, run.IsQuiet);
        var options = new DownloadOptions
        {
            Resume = arguments.Has(TransferOptions.Resume),
            Overwrite = arguments.Has(TransferOptions.Overwrite),
            Sha256 = arguments.Read(TransferOptions.Sha256, Hash),
            Parallel = arguments.Value(TransferOptions.Parallel, static text => NumberText.Parse(text, 1, 32)) ?? 1,
            Total = arguments.Value(TransferOptions.Timeout, DurationText.Parse) ?? Timeout.InfiniteTimeSpan,
            Progress = progress,
        };
        run.Progress = () => $"{SizeText.Of(progress.Bytes)} had arrived, and the same command with --resume goes on from there if the server lets it";
        if (settings.Transport.Tls.InsecureAcceptAnyCertificate && !run.IsQuiet && !run.IsJson)
            run.Error.Line("codonet: --insecure: whoever answers has not proved to be the server.", Style.Yellow).Flush();

        var result = await DownloadAsync(run, settings, request, path, options, progress);
        if (run.IsJson)
            JsonOutput.Write(run.Context.Out, writer => TransferDocument.Write(writer, result));
        else if (!run.IsQuiet)
            TransferDocument.WriteText(run.Out, result);
        return ExitCodes.Done;
    }

    private static async Task<TransferResult> DownloadAsync(
        Invocation run, HTTPClientOptions settings, Request request, string path, DownloadOptions options, ProgressView progress)
    {
        try
        {
            await using var client = new HTTPClient(settings);
            return await client.DownloadAsync(request, path, options, run.Context.Interrupted);
        }
        catch (ArgumentException wrong) when (wrong is not ArgumentNullException)
        {
            throw new UsageException(RequestReader.WithoutParameter(wrong), run.Arguments.Positionals[0], wrong);
        }
        finally
        {
            progress.Dispose();
        }
    }

    private static string Hash(string text) => text.Length == 64 && text.All(char.IsAsciiHexDigit)
        ? text
        : throw new FormatException($"'{text}' is no SHA-256; it has 64 hexadecimal digits.");
}
