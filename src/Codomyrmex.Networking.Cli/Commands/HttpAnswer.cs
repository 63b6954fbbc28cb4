using System.Text;
using Codomyrmex.Networking.Cli.Rendering;
using Codomyrmex.Networking.Http;

namespace Codomyrmex.Networking.Cli.Commands;

/// <summary>What becomes of a response: a document, a text, the bytes alone, or a file.</summary>
internal sealed class HttpAnswer(Invocation run, Response response)
{
    private const int CopyBuffer = 64 * 1024;

    /// <summary>Under <c>--fail</c>, what the status means; taken before the body is gone.</summary>
    private readonly HTTPException? _failure = Refusal(run, response);

    public void WriteDocument((string Path, long Bytes)? saved) =>
        JsonOutput.Write(run.Context.Out, writer => HttpDocument.Write(writer, response, saved, _failure));

    /// <summary>Head and body for a person at a terminal; text as it arrives.</summary>
    public async Task ShowAsync()
    {
        if (!run.IsQuiet)
            HeadText.WriteResponse(run.Out, response, "").Line().Flush();
        if (IsLive)
        {
            await ShowLiveAsync();
            return;
        }
        await response.BufferAsync(run.Context.Interrupted);
        if (BodyDocument.IsJson(response.ContentType) && JsonText.TryWrite(run.Out, response.Content.Span))
        {
            run.Out.Flush();
            return;
        }
        if (BodyDocument.IsText(response))
        {
            run.Out.WriteLines(response.Text);
            if (response.Text is { Length: > 0 } text && !text.EndsWith('\n'))
                run.Out.Line();
        }
        else
        {
            run.Out.Line($"({response.Content.Length} bytes that are no text; write them to a file with -o FILE)", Style.Dim);
        }
        run.Out.Flush();
    }

    /// <summary>Whether the body is text that can be shown piece by piece: lines, in UTF-8.</summary>
    private bool IsLive
    {
        get
        {
            var type = response.Headers["Content-Type"] ?? "";
            return response.ContentType is "application/x-ndjson" or "application/jsonl" or "text/event-stream" or "text/plain" or "text/html" &&
                (!type.Contains("charset", StringComparison.OrdinalIgnoreCase) || type.Contains("utf-8", StringComparison.OrdinalIgnoreCase));
        }
    }

    private async Task ShowLiveAsync()
    {
        using var reader = new StreamReader(response.OpenStream(), Encoding.UTF8);
        var buffer = new char[16 * 1024];
        var last = '\n';
        // A carriage return at a buffer's end waits for what follows: with a line feed it is a line's end, alone it is not harmless.
        var kept = 0;
        while (await reader.ReadAsync(buffer.AsMemory(kept), run.Context.Interrupted) is > 0 and var count)
        {
            count += kept;
            kept = buffer[count - 1] == '\r' ? 1 : 0;
            run.Out.WriteLines(buffer.AsSpan(0, count - kept)).Flush();
            last = buffer[count - 1];
            buffer[0] = last;
        }
        if (last != '\n')
            run.Out.Line();
        run.Out.Flush();
    }

    /// <summary>The body alone, as it arrives.</summary>
    public async Task CopyAsync() => await CopyToAsync(run.Context.Out);

    /// <summary>The body into a file.</summary>
    public async Task SaveAsync(OutputFile file, string path)
    {
        long bytes;
        try
        {
            bytes = await CopyToAsync(file.Stream);
            file.Complete();
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw file.Unwritten(error);
        }
        if (run.IsJson)
            WriteDocument((Path.GetFullPath(path), bytes));
        else if (!run.IsQuiet)
            run.Error.Write($"{response.Status} {response.Reason}".TrimEnd()).Line($", {bytes} bytes in {path}").Flush();
    }

    /// <summary>The exit code, and a word about a failure that no document tells.</summary>
    public int Finish()
    {
        if (_failure is null)
            return ExitCodes.Done;
        if (!run.IsJson)
            ErrorText.Write(run.Error, _failure, run.IsQuiet, withAttempts: false);
        return ExitCodes.Of(_failure);
    }

    private async Task<long> CopyToAsync(Stream destination)
    {
        var buffer = new byte[CopyBuffer];
        var stream = response.OpenStream();
        long total = 0;
        run.Progress = () => $"{total} bytes had arrived";
        while (await stream.ReadAsync(buffer, run.Context.Interrupted) is > 0 and var count)
        {
            destination.Write(buffer.AsSpan(0, count));
            total += count;
        }
        destination.Flush();
        return total;
    }

    private static HTTPException? Refusal(Invocation run, Response response)
    {
        if (!run.Arguments.Has(HttpOptions.Fail) || response.Status < 400)
            return null;
        try
        {
            response.EnsureSuccess();
            return null;
        }
        catch (HTTPException error)
        {
            return error;
        }
    }
}
