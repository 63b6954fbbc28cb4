using System.Diagnostics.Metrics;
using System.Reflection;
using System.Text;
using Codomyrmex.Networking.Diagnostics.Internal;
using Microsoft.Extensions.Logging;

namespace Codomyrmex.Networking.Tests.Unit.Repository.Documents;

/// <summary>Makes <c>docs/telemetry.md</c> from the instruments and the events of the log.</summary>
internal static class TelemetryPage
{
    private const string Head = """
        # Telemetry

        <!-- Made by ./dev docs: the tables of instruments and events from the code, the rest from tests/Unit/Repository/Documents/TelemetryPage.cs. -->

        Spans and metrics follow OpenTelemetry's semantic conventions for HTTP clients; both have the name `Codomyrmex.Networking`
        (`NetworkTelemetry.ActivitySourceName`, `MeterName`). They cost a few checks a call while nobody listens. The tests hold them tag by tag.

        With a container and OpenTelemetry's SDK (`services.AddOpenTelemetry().WithTracing(…).WithMetrics(…)`), the last line below is all it takes; without one,
        `AddSource` and `AddMeter` with the two names.

        <!-- sample: samples/Telemetry.cs#container -->
        ```csharp
        ```

        ## Spans

        Each request that is sent has a span of kind *client*: every retry, every redirect and every answered challenge is a span of its own, as
        the conventions ask, and the peer continues that very span (`traceparent`). It ends when the answer's fields have arrived. What a cache answers is not sent and
        has none.

        The call that these requests belong to has a span of kind *internal*, named `{method} call`. It holds what is no request: a denial by the policy,
        the waits, the events `retry`, the reading of a buffered body. Nothing is counted twice by its kind.

        | tag of a request's span | value |
        |---|---|
        | name | the method; `HTTP` for one that is not a standard one |
        | `http.request.method` | the method, or `_OTHER` with `http.request.method_original` |
        | `server.address`, `server.port` | the host and port of the URL |
        | `url.full` | the URL without user; what follows a `?` is one `*`, as nobody can tell by names alone which values are secret |
        | `http.response.status_code` | the status, where there is an answer |
        | `http.request.resend_count` | from the second sending of a call on: 1, 2, … |
        | `network.protocol.version` | `1.1`, `2` |
        | `network.peer.address`, `network.peer.port` | the address connected to; the proxy's where there is one |
        | `error.type` | the status from 400 on, a [code](errors.md), or `cancelled` where the caller gave up |

        The span's status is *error* from 400 on and for failures, and unset for what the caller cancelled. The call's span has `http.request.method`, `url.scheme`,
        `server.address`, `server.port`, and at its end `http.response.status_code`, `network.protocol.version` and `error.type`.

        The connecting of a `TCPClient` has a span of kind *internal* too, named `TCP connect`, with the tags of the table below and the event `retry`; that of a `UDPClient` is named
        `UDP connect`, and a request of it `UDP request`. An `SSHClient` has spans `SSH connect`, `SSH exec`, `SFTP upload`, `SFTP download` and so on for its calls, with `network.protocol.name`,
        `ssh.operation`, and what came of it: `ssh.cipher`, `ssh.exit_status`, `ssh.transfer.bytes`. Commands and paths are in none of them.

        A scan has one span, `port scan`, however many probes it sends: `server.address` are its targets, `scan.mode` is how they were asked, and `scan.hosts`, `scan.hosts_up`, `scan.ports`,
        `scan.open`, `scan.closed`, `scan.filtered`, `scan.probes`, `scan.recall` and `scan.confidence` are those of its summary. What the summary notes is logged (30).

        A call of the Rpc package has a span of kind *client* with the method's name and `rpc.system` (`jsonrpc`), `rpc.method`, `server.address`, `server.port` and `error.type`; the peer that serves
        it has one of kind *server* below it, with `client.address` and `rpc.jsonrpc.error_code`, since the call carries `traceparent`.

        ## Metrics

        | instrument | kind | unit | what | tags |
        |---|---|---|---|---|

        """;

    private const string Between = """

        The buckets of the durations are those that the conventions advise. What connections do (`http.client.open_connections`, active and idle,
        `http.client.connection.duration`, `http.client.request.time_in_queue`) the platform tells of ours as of any others, in its meter `System.Net.Http`. That meter's
        `http.client.request.duration` sees the same requests without our codes; add a view that drops it where both meters are collected.

        ## Log

        `HTTPClientOptions.Logger`, or the container's loggers in the category `Codomyrmex.Networking.Http.HTTPClient` (`.name` for a named client). Ids are stable; the values are
        structured under the names in braces. A record is written within the call's span.
        The other clients and the scanner have a `Logger` among their options. A `TCPServer` writes to `TCPServerOptions.Logger`, outside of every span.

        | id | name | level | message |
        |---|---|---|---|

        """;

    private const string Tail = """

        ## Secrets

        Credentials, cookies, secret fields and secret query values reach no span, no tag, no metric and no record. A test sends a canary in every place that takes a secret
        and looks for it in all of them. `TelemetryCapture` of [the Testing package](testing.md) lets yours do the same:

        <!-- sample: samples/Telemetry.cs#capture -->
        ```csharp
        ```

        """;

    private static readonly Dictionary<string, string> Tags = new()
    {
        ["http.client.request.duration"] = "`http.request.method`, `server.address`, `server.port`, `url.scheme`, `http.response.status_code`, `network.protocol.version`, `error.type`",
        ["http.client.active_requests"] = "`http.request.method`, `server.address`, `server.port`, `url.scheme`",
        ["codomyrmex.call.duration"] = "as of requests, for the last one of the call; of a connecting `TCPClient` or `UDPClient`, and its requests, `server.address`, `server.port`, `network.transport`, `network.peer.address`, `network.peer.port`, `error.type`; of an `SSHClient` as of its spans; of a scan `server.address`, `scan.mode`, `error.type`",
        ["codomyrmex.tcp.server.connections"] = "–",
        ["codomyrmex.tcp.server.connection.duration"] = "`error.type`: a [code](errors.md), `cancelled`, or the type of what a handler threw",
        ["codomyrmex.tcp.server.refused_connections"] = "`reason`: `connections` or `address`",
        ["codomyrmex.udp.dropped_datagrams"] = "`reason`: `elsewhere` or `unmatched`",
        ["codomyrmex.udp.retransmitted_requests"] = "–",
    };

    public static IReadOnlyList<LoggerMessageAttribute> Events { get; } =
    [
        .. typeof(NetworkLog).GetMethods(BindingFlags.Public | BindingFlags.Static)
            .Select(method => method.GetCustomAttribute<LoggerMessageAttribute>() is { } log ? new LoggerMessageAttribute(log.EventId, log.Level, log.Message) { EventName = log.EventName ?? method.Name } : null)
            .OfType<LoggerMessageAttribute>()
            .OrderBy(log => log.EventId),
    ];

    public static string Render()
    {
        var page = new StringBuilder(Head.ReplaceLineEndings("\n"));
        foreach (var instrument in Instruments.All)
            page.Append(null, $"| `{instrument.Name}` | {Kind(instrument)} | {instrument.Unit} | {instrument.Description} | {Tags[instrument.Name]} |\n");
        page.Append(Between.ReplaceLineEndings("\n"));
        foreach (var log in Events)
            page.Append(null, $"| {log.EventId} | `{log.EventName}` | {log.Level} | {log.Message} |\n");
        return SampleQuotes.Refresh(page.Append(Tail.ReplaceLineEndings("\n")).ToString(), RepositoryFiles.Read);
    }

    private static string Kind(Instrument instrument) => instrument.GetType().Name.Split('`')[0];
}
