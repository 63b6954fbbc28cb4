using System.Text;
using Codomyrmex.Networking.Cli.Rendering;
using Codomyrmex.Networking.Resilience;
using Codomyrmex.Networking.Sockets;
using Codomyrmex.Networking.Transport;
using Codomyrmex.Networking.WebSockets;

namespace Codomyrmex.Networking.Cli.Commands;

/// <summary>Asks what lies at the top of a connection: a WebSocket, a peer that may speak first, a name server.</summary>
internal static class ExplainSockets
{
    private const int MostShown = 120;

    private static readonly TimeSpan GreetingWait = TimeSpan.FromSeconds(1);

    public static async Task<ExplainFindings> WebSocketAsync(ExplainQuestion question)
    {
        var started = question.Clock.GetTimestamp();
        var options = new WebSocketOptions
        {
            Headers = new HeaderMap { ["User-Agent"] = "codonet/" + Release.Version },
            Transport = question.Transport,
            Timeouts = question.Timeouts,
            Retry = RetryOptions.None,
            RedirectLimit = 0,
            CloseTimeout = TimeSpan.FromSeconds(1),
        };
        try
        {
            await using var socket = await WebSocketClient.ConnectAsync(question.Target.Url!.AbsoluteUri, options, question.Cancelled);
            var below = socket.Layers.Aggregate(TimeSpan.Zero, static (sum, layer) => sum + layer.Elapsed);
            var took = question.Clock.GetElapsedTime(started);
            var subprotocol = socket.Subprotocol;
            return new ExplainFindings([new Layer("websocket", Layer.Ok, took > below ? took - below : took, [$"101, subprotocol {subprotocol ?? "none"}"])], null)
            {
                Write = writer =>
                {
                    writer.WriteStartObject("webSocket");
                    writer.WriteString("subprotocol", subprotocol);
                    writer.WriteEndObject();
                },
            };
        }
        catch (NetworkException error)
        {
            IReadOnlyList<string> notes = error is WebSocketException { Status: { } status } refusal
                ? [$"{status} instead of 101" + (refusal.Headers?["Location"] is { } place ? $", leads to {place}" : "")]
                : [];
            return new ExplainFindings([new Layer("websocket", Layer.Failed, null, notes)], error);
        }
    }

    public static async Task<ExplainFindings> GreetingAsync(ExplainQuestion question)
    {
        var started = question.Clock.GetTimestamp();
        var options = new TCPClientOptions { Transport = question.Transport, Timeouts = question.Timeouts, Retry = RetryOptions.None, UseTls = question.Target.UsesTls, Framing = Framing.Raw };
        try
        {
            await using var client = await TCPClient.ConnectAsync(question.Target.Endpoint.Host, question.Target.Endpoint.Port, options, question.Cancelled);
            started = question.Clock.GetTimestamp();
            using var wait = new CancellationTokenSource(GreetingWait, question.Clock);
            using var either = CancellationTokenSource.CreateLinkedTokenSource(wait.Token, question.Cancelled);
            try
            {
                var said = (await client.ReceiveAsync(either.Token)).ToArray();
                return Greeted(said, question.Clock.GetElapsedTime(started));
            }
            catch (OperationCanceledException) when (!question.Cancelled.IsCancellationRequested)
            {
                return Greeted(null, null);
            }
        }
        catch (NetworkException error)
        {
            return new ExplainFindings([new Layer("banner", Layer.Failed, question.Clock.GetElapsedTime(started), [])], error);
        }
    }

    public static async Task<ExplainFindings> NameServerAsync(ExplainQuestion question)
    {
        var started = question.Clock.GetTimestamp();
        var layers = new List<Layer>();
        try
        {
            var decision = question.Transport.Policy.CheckTarget("dns", question.Target.Endpoint.Host, question.Target.Endpoint.Port);
            if (question.Transport.Policy.IsRestrictive)
                layers.Add(new Layer("policy", decision.IsAllowed ? Layer.Ok : Layer.Failed, null, [decision.Rule ?? question.Transport.Policy.ToString()]));
            if (!decision.IsAllowed)
                throw new NetworkFailure { Code = ErrorCodes.PolicyDenied, Message = $"The egress policy denies {question.Target.Endpoint}: {decision.Rule}.", Endpoint = question.Target.Endpoint, Phase = NetworkPhase.Policy }.ToException();
            using var limit = new CancellationTokenSource(question.Timeouts.Resolve, question.Clock);
            using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, question.Cancelled);
            var server = new DnsServerResolver(new System.Net.IPEndPoint(System.Net.IPAddress.Parse(question.Target.Endpoint.Host), question.Target.Endpoint.Port));
            var answer = await AskAsync(server, question, limit, either.Token);
            layers.Add(new Layer("question", Layer.Ok, answer.Elapsed, [$"{answer.Name} {answer.Type}: {answer.Records.Count} {(answer.Records.Count == 1 ? "record" : "records")}{(answer.OverTcp ? ", over TCP: too long for UDP" : "")}{(answer.IsAuthoritative ? ", by an authority" : "")}"]));
            return new ExplainFindings(layers, null);
        }
        // A name that is not there was answered for: the server works.
        catch (DNSResolutionException nothing) when (nothing.Code == ErrorCodes.DnsNotFound)
        {
            layers.Add(new Layer("question", Layer.Ok, question.Clock.GetElapsedTime(started), [$"it answers, and knows no {question.Target.Name}"]));
            return new ExplainFindings(layers, null);
        }
        catch (NetworkException error)
        {
            if (error is not PolicyException)
                layers.Add(new Layer("question", Layer.Failed, question.Clock.GetElapsedTime(started), []));
            return new ExplainFindings(layers, error);
        }
    }

    private static async Task<DnsAnswer> AskAsync(DnsServerResolver server, ExplainQuestion question, CancellationTokenSource limit, CancellationToken either)
    {
        try
        {
            return await server.QueryAsync(question.Target.Name, DnsRecordType.A, either);
        }
        catch (ArgumentException wrong)
        {
            throw new UsageException(RequestReader.WithoutParameter(wrong), question.Target.Text, wrong);
        }
        catch (OperationCanceledException) when (limit.IsCancellationRequested && !question.Cancelled.IsCancellationRequested)
        {
            throw new NetworkFailure
            {
                Code = ErrorCodes.DnsTimeout,
                Message = $"{question.Target.Endpoint} did not answer about {question.Target.Name} within {question.Timeouts.Resolve.TotalSeconds:0.###} s.",
                Endpoint = question.Target.Endpoint,
                Phase = NetworkPhase.Resolve,
                WasSent = WasSent.Maybe,
            }.ToException();
        }
    }

    private static ExplainFindings Greeted(byte[]? said, TimeSpan? after)
    {
        var text = said is null ? null : Encoding.UTF8.GetString(said);
        var note = said is null ? $"says nothing first within {GreetingWait.TotalSeconds:0} s" : said.Length == 0 ? "closes the connection at once" : ControlText.Escape(text!.Length > MostShown ? text[..MostShown] + "…" : text.TrimEnd());
        return new ExplainFindings([new Layer("banner", Layer.Ok, after, [note])], null)
        {
            Write = writer => writer.WriteString("banner", text),
        };
    }
}
