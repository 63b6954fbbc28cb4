using Codomyrmex.Networking.Cli.Rendering;
using Codomyrmex.Networking.Http;

namespace Codomyrmex.Networking.Cli.Commands;

/// <summary>An answer that is a sequence: each event or document on a line of its own, as it arrives.</summary>
internal sealed class HttpStream(Invocation run, HTTPClient client, Request request)
{
    private Response? _response;
    private long _items;

    /// <summary>Whether the answer is to be read in this way.</summary>
    public static bool IsWanted(Invocation run)
    {
        var (events, documents) = (run.Arguments.Has(HttpOptions.Sse), run.Arguments.Has(HttpOptions.Ndjson));
        if (run.Arguments.Text(HttpOptions.SseEnd) is not null && !events)
            throw new UsageException("--sse-end is about events; it needs --sse.", HttpOptions.SseEnd.Name);
        if (events && documents)
            throw new UsageException("--sse and --ndjson exclude each other.", HttpOptions.Ndjson.Name);
        if ((events || documents) && run.Arguments.Text(HttpOptions.OutputFile) is not null)
            throw new UsageException($"{(events ? "--sse" : "--ndjson")} shows what arrives; it excludes --output. Redirect standard output instead.", HttpOptions.OutputFile.Name);
        return events || documents;
    }

    public async Task<int> RunAsync()
    {
        var isEvents = run.Arguments.Has(HttpOptions.Sse);
        run.Progress = () => $"{_items} {(isEvents ? "events" : "documents")} had arrived";
        try
        {
            await (isEvents ? ShowEventsAsync() : ShowDocumentsAsync());
        }
        catch (HTTPException error) when (!run.IsJson && error.BodyExcerpt is { } excerpt)
        {
            run.Error.WriteLines(excerpt).Line().Flush();
            throw;
        }
        finally
        {
            if (_response is not null && run.IsTrace)
                TraceText.Write(run.Error, _response);
            else if (_response is not null && run.IsVerbose)
                TraceText.WriteLine(run.Error, _response);
        }
        return ExitCodes.Done;
    }

    private async Task ShowEventsAsync()
    {
        var end = run.Arguments.Text(HttpOptions.SseEnd);
        var options = new EventStreamOptions
        {
            Until = end is null ? null : TerminalEvent.When(item => item.Data == end || item.Type == end, $"an event with the data or of the type '{end}'"),
            Opened = Open,
        };
        await foreach (var item in client.EventsAsync(request, options, run.Context.Interrupted))
        {
            _items++;
            if (run.IsJson)
                JsonOutput.Write(run.Context.Out, writer => EventDocument.Write(writer, item));
            else
                EventText.Write(run.Out, item);
        }
    }

    private async Task ShowDocumentsAsync()
    {
        using var response = await client.StreamAsync(request, run.Context.Interrupted);
        Open(response);
        await response.EnsureSuccessAsync(run.Context.Interrupted);
        await foreach (var document in response.ReadNdjsonAsync(DocumentJson.Default.JsonElement, cancellationToken: run.Context.Interrupted))
        {
            _items++;
            JsonOutput.WriteRaw(run.Context.Out, document.GetRawText());
        }
    }

    private void Open(Response response)
    {
        _response = response;
        if (run.Context.IsOutTerminal && !run.IsJson && !run.IsQuiet)
            HeadText.WriteResponse(run.Out, response, "").Line().Flush();
        else if (run.IsVerbose)
            HeadText.WriteResponse(run.Error, response, "< ").Flush();
    }
}
