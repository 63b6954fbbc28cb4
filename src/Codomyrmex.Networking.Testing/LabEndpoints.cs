using Codomyrmex.Networking.Testing.Internal;

namespace Codomyrmex.Networking.Testing;

/// <summary>
/// Ready-made endpoints to try a client against, in the manner of httpbin: echoes, statuses, redirects, delays, streams, encodings,
/// cookies, credentials, ranges, uploads, failures that heal, and a WebSocket echo. Every answer but a date is determined by the request.
/// </summary>
public static class LabEndpoints
{
    /// <summary>The paths, with what each does: one line a path.</summary>
    public static IReadOnlyList<KeyValuePair<string, string>> Descriptions { get; } =
    [
        new("/get /post /put /patch /delete /anything", "echo the request as JSON"),
        new("/json", "a small JSON document"),
        new("/headers", "the header fields as JSON"),
        new("/status/{code}?retry_after=", "that status"),
        new("/delay/{seconds}", "the echo, after a delay"),
        new("/redirect/{n}", "n redirects, then /get"),
        new("/redirect-to?url=&status=", "one redirect to anywhere"),
        new("/stream/{n}", "n lines of JSON, in chunks"),
        new("/stream-bytes/{n}?seed=&chunk_size=", "n bytes, in chunks"),
        new("/bytes/{n}?seed=", "n bytes"),
        new("/drip?numbytes=&duration=&delay=&code=", "bytes, one by one"),
        new("/gzip /deflate /brotli", "a compressed JSON document"),
        new("/encoding/utf8", "text in many scripts"),
        new("/cookies", "the cookies sent, as JSON"),
        new("/cookies/set?name=value", "sets cookies, then redirects to /cookies"),
        new("/cookies/delete?name", "expires cookies, then redirects to /cookies"),
        new("/basic-auth/{user}/{password}", "200 with those credentials, else 401"),
        new("/digest-auth/{qop}/{user}/{password}?algorithm=&stale_after=", "200 with a digest (RFC 7616) of those credentials, else 401"),
        new("/bearer", "200 with any bearer token, else 401"),
        new("/oauth2/token", "a bearer token for an hour, to POST"),
        new("/etag/{etag}", "honours If-None-Match and If-Match"),
        new("/range/{n}", "n bytes, honours Range and If-Range"),
        new("/links/{n}", "an HTML page with n links"),
        new("/pages/{n}?page=", "JSON pages tied together by Link fields"),
        new("/upload", "counts and hashes the body as it arrives"),
        new("/flaky/{key}/{failures}?status=&retry_after=", "fails that many times for each key, then succeeds"),
        new("/sse/{n}?delay=&drop_after=&end=", "n server-sent events; resumes behind Last-Event-ID"),
        new("/ws/echo", "a WebSocket that sends back what it gets"),
    ];

    /// <summary>Maps the endpoints.</summary>
    /// <param name="server">The server that gets them.</param>
    /// <returns>The same server.</returns>
    public static LoopbackServer MapTo(LoopbackServer server)
    {
        ArgumentNullException.ThrowIfNull(server);
        LabEcho.MapTo(server);
        LabContent.MapTo(server);
        LabStreams.MapTo(server);
        LabOutcomes.MapTo(server);
        LabAccess.MapTo(server);
        LabDigest.MapTo(server);
        LabRanges.MapTo(server);
        LabWebSocket.MapTo(server);
        return server;
    }
}
