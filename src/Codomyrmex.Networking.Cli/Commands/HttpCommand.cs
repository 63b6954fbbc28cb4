using Codomyrmex.Networking.Cli.Parsing;
using Codomyrmex.Networking.Cli.Rendering;
using Codomyrmex.Networking.Http;

namespace Codomyrmex.Networking.Cli.Commands;

/// <summary><c>get</c>, <c>head</c>, <c>options</c>, <c>delete</c>, <c>post</c>, <c>put</c>, <c>patch</c>: one request, one answer.</summary>
internal static class HttpCommand
{
    private static readonly OptionGroup[] Groups =
    [
        HttpOptions.Request, HttpOptions.Answer, ConnectionOptions.Time, ConnectionOptions.Way, ConnectionOptions.Permission, ConnectionOptions.Tls,
        GeneralOptions.Group,
    ];

    public static Command Make(string name)
    {
        var method = name.ToUpperInvariant();
        return new Command(name, "URL [ITEM…]", $"send {method} and show the answer", Groups, run => RunAsync(run, method))
        {
            LeastPositionals = 1,
            MostPositionals = int.MaxValue,
            Details =
            [
                "ITEM is as in HTTPie: Name:header, name==query, name=text and name:=json (fields of a JSON body; of a form with --form or " +
                "--multipart), field@file. A backslash before a separator keeps it in the name; Name: alone leaves a default field out.",
                "On a terminal the answer is shown with its head, JSON is indented; into a pipe or file goes the body alone, byte for byte, as it " +
                "arrives (of HEAD, the head). " +
                "A URL without a scheme is https; http for localhost, 127.0.0.1 and :PORT.",
                "Streams (--sse, --ndjson) come line by line whatever they go into; with --json an event is {\"event\":…,\"id\":…,\"data\":…}. --timeout spans the " +
                "whole stream, --idle-timeout the time between two arrivals.",
            ],
            Examples = Examples(name),
        };
    }

    private static string[] Examples(string name) => name switch
    {
        "get" => ["get https://example.com/", "get localhost:8080/search q==networks Accept:application/json --json", "get https://example.com/big.iso -o big.iso"],
        "head" or "options" => [$"{name} https://example.com/"],
        "delete" => ["delete https://api.example.com/items/7 --bearer-env API_TOKEN"],
        "put" or "patch" => [$"{name} https://api.example.com/items/7 size:=4"],
        _ =>
        [
            $"{name} https://api.example.com/items name=valve size:=3", $"{name} https://api.example.com/upload file@report.pdf",
            $"{name} https://api.example.com/items --body - Content-Type:application/json",
            $"{name} https://api.example.com/chat stream:=true --sse --sse-end '[DONE]' --bearer-env API_TOKEN",
        ],
    };

    private static async Task<int> RunAsync(Invocation run, string method)
    {
        var items = new List<RequestItem>();
        for (var i = 1; i < run.Arguments.Positionals.Count; i++)
            items.Add(RequestItem.Parse(run.Arguments.Positionals[i]));
        var settings = RequestReader.WithoutDefaults(ClientSettings.Read(run, method), items);
        var request = RequestReader.Read(run, method, items);
        var session = await NamedSession.OpenAsync(run);
        request = session?.Apply(run, request, items) ?? request;
        return run.Arguments.Has(HttpOptions.AsCurl)
            ? WriteCurl(run, CurlText.Of(run, request, items, settings))
            : await SendAsync(run, request, session?.Apply(settings) ?? settings, session);
    }

    /// <summary>Sends a request and shows the answer as the options say.</summary>
    public static async Task<int> SendAsync(Invocation run, Request request, HTTPClientOptions settings, NamedSession? session)
    {
        using var archive = ArchiveFiles.Open(run);
        try
        {
            return await ExchangeAsync(run, request, archive.Apply(settings), session);
        }
        finally
        {
            await archive.SaveAsync();
        }
    }

    private static async Task<int> ExchangeAsync(Invocation run, Request request, HTTPClientOptions settings, NamedSession? session)
    {
        var isStream = HttpStream.IsWanted(run);
        var path = run.Arguments.Text(HttpOptions.OutputFile);
        using var file = path is null or "-" ? null : new OutputFile(path, HttpOptions.OutputFile.Name);
        if (run.IsVerbose)
            HeadText.WriteRequest(run.Error, request, settings);
        if (settings.Transport.Tls.InsecureAcceptAnyCertificate && !run.IsQuiet && !run.IsJson)
            run.Error.Line("codonet: --insecure: whoever answers has not proved to be the server.", Style.Yellow).Flush();

        await using var client = MakeClient(settings);
        if (isStream)
        {
            var code = await Checked(run, () => new HttpStream(run, client, request).RunAsync());
            if (session is not null)
                await session.SaveAsync(run.Context.Interrupted);
            return code;
        }
        using var response = await SendAsync(run, client, request, isStreamed: file is not null || !run.IsJson);
        if (session is not null)
            await session.SaveAsync(run.Context.Interrupted);
        var answer = new HttpAnswer(run, response);
        if (run.IsVerbose && !(run.Context.IsOutTerminal && !run.IsJson))
            HeadText.WriteResponse(run.Error, response, "< ").Flush();
        if (file is not null)
            await answer.SaveAsync(file, path!);
        else if (run.IsJson)
            answer.WriteDocument(null);
        else if (run.Context.IsOutTerminal)
            await answer.ShowAsync();
        else if (request.Method == "HEAD")
            HeadText.WriteResponse(run.Out, response, "").Flush();
        else
            await answer.CopyAsync();
        if (run.IsTrace)
            TraceText.Write(run.Error, response);
        else if (run.IsVerbose)
            TraceText.WriteLine(run.Error, response);
        return answer.Finish();
    }

    private static int WriteCurl(Invocation run, string line)
    {
        if (run.IsJson)
            JsonOutput.Write(run.Context.Out, writer => writer.WriteString("curl", line));
        else
            run.Out.Line(line).Flush();
        return ExitCodes.Done;
    }

    private static HTTPClient MakeClient(HTTPClientOptions settings)
    {
        try
        {
            return new HTTPClient(settings);
        }
        catch (ArgumentException wrong)
        {
            throw new UsageException(RequestReader.WithoutParameter(wrong), null, wrong);
        }
    }

    private static Task<Response> SendAsync(Invocation run, HTTPClient client, Request request, bool isStreamed) => Checked(run, () => isStreamed
        ? client.StreamAsync(request, run.Context.Interrupted)
        : client.SendAsync(request, run.Context.Interrupted));

    /// <summary>What the client finds wrong with a request was wrong on the command line.</summary>
    private static async Task<T> Checked<T>(Invocation run, Func<Task<T>> send)
    {
        try
        {
            return await send();
        }
        catch (ArgumentException wrong) when (wrong is not ArgumentNullException)
        {
            throw new UsageException(RequestReader.WithoutParameter(wrong), run.Arguments.Positionals[0], wrong);
        }
        catch (InvalidOperationException missing) when (run.Arguments.Has(HttpOptions.Replay))
        {
            throw new UsageException($"{HttpOptions.Replay.Name}: {missing.Message}", HttpOptions.Replay.Name, missing);
        }
    }
}
