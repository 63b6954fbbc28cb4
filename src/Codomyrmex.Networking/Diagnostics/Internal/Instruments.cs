using System.Diagnostics;
using System.Diagnostics.Metrics;

namespace Codomyrmex.Networking.Diagnostics.Internal;

/// <summary>The process's one source of spans and its meter.</summary>
internal static class Instruments
{
    private const string Schema = "https://opentelemetry.io/schemas/1.37.0";

    /// <summary>The library's version. A constant, since asking the assembly would cost reflection at each start; a test holds it to the project's.</summary>
    public const string Version = "0.1.0";

    // What the conventions advise for durations of requests, in seconds.
    private static readonly InstrumentAdvice<double> Seconds =
        new() { HistogramBucketBoundaries = [0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10] };

    public static readonly ActivitySource Source = new(new ActivitySourceOptions(NetworkTelemetry.ActivitySourceName) { Version = Version, TelemetrySchemaUrl = Schema });
    private static readonly Meter Meter = new(new MeterOptions(NetworkTelemetry.MeterName) { Version = Version, TelemetrySchemaUrl = Schema });

    public static readonly Histogram<double> RequestDuration =
        Meter.CreateHistogram("http.client.request.duration", "s", "Duration of HTTP client requests, each sending on its own.", null, Seconds);

    public static readonly UpDownCounter<long> ActiveRequests =
        Meter.CreateUpDownCounter<long>("http.client.active_requests", "{request}", "HTTP requests whose answer has not begun.");

    public static readonly Histogram<double> CallDuration =
        Meter.CreateHistogram("codomyrmex.call.duration", "s", "Duration of calls as their callers see them: waits, retries, redirects and a buffered body included.", null, Seconds);

    public static readonly UpDownCounter<long> ServerConnections =
        Meter.CreateUpDownCounter<long>("codomyrmex.tcp.server.connections", "{connection}", "Connections that a TCPServer serves.");

    public static readonly Histogram<double> ServerConnectionDuration =
        Meter.CreateHistogram("codomyrmex.tcp.server.connection.duration", "s", "From a connection's being accepted by a TCPServer to its end, handshakes included.", null, Seconds);

    public static readonly Counter<long> RefusedConnections =
        Meter.CreateCounter<long>("codomyrmex.tcp.server.refused_connections", "{connection}", "Connections that a TCPServer turned away: too many, or from an address that may not come.");

    public static readonly Counter<long> DroppedDatagrams =
        Meter.CreateCounter<long>("codomyrmex.udp.dropped_datagrams", "{datagram}", "Datagrams that came while requests of a UDPClient waited and were the reply to none: from elsewhere, or unmatched.");

    public static readonly Counter<long> RetransmittedRequests =
        Meter.CreateCounter<long>("codomyrmex.udp.retransmitted_requests", "{request}", "Requests that a UDPClient sent again, since no reply came.");

    public static IReadOnlyList<Instrument> All { get; } =
        [RequestDuration, ActiveRequests, CallDuration, ServerConnections, ServerConnectionDuration, RefusedConnections, DroppedDatagrams, RetransmittedRequests];
}
