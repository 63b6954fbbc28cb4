using Codomyrmex.Networking.Cli.Parsing;

namespace Codomyrmex.Networking.Cli.Commands;

/// <summary>The options of the HTTP commands.</summary>
internal static class HttpOptions
{
    public static readonly Option Header = new("--header", "NAME:VALUE", "a header field; the same as an item") { IsRepeatable = true, Elsewhere = ["-H"] };
    public static readonly Option Form = new("--form", null, "send fields as application/x-www-form-urlencoded");
    public static readonly Option Multipart = new("--multipart", null, "send fields as multipart/form-data; a file item implies it");
    public static readonly Option Body = new("--body", "FILE|-", "send this file, or standard input, as the body") { IsFile = true, Elsewhere = ["-d", "--data", "--data-binary"] };
    public static readonly Option Auth = new("--auth", "USER", "basic credentials; password from CODONET_PASSWORD, --password-file, or asked for") { Elsewhere = ["-u", "--user"] };
    public static readonly Option Digest = new("--digest", null, "prove the password of --auth without sending it (RFC 7616, SHA-256)");
    public static readonly Option PasswordFile = new("--password-file", "FILE|-", "the first line of this file is the password") { IsFile = true };
    public static readonly Option BearerEnv = new("--bearer-env", "VAR", "a bearer token from this variable of the environment");

    public static readonly Option Session = new("--session", "NAME", "keep cookies and plain fields from run to run under this name; secrets are not written");

    public static readonly Option Follow = new("--follow", null, "follow redirects (default)") { Elsewhere = ["-L", "--location"] };
    public static readonly Option NoFollow = new("--no-follow", null, "show a redirect instead of following it");
    public static readonly Option MaxRedirects = new("--max-redirects", "N", "follow at most N redirects (default 10)");
    public static readonly Option Fail = new("--fail", null, "exit with 75 on a status of 400 or more; the body is kept") { Elsewhere = ["-f"] };
    public static readonly Option Http11 = new("--http1.1", null, "speak HTTP/1.1 only");
    public static readonly Option Http2 = new("--http2", null, "speak HTTP/2 only; without TLS by prior knowledge");
    public static readonly Option Http3 = new("--http3", null, "speak HTTP/3 only, where the platform has QUIC; not with a proxy, a policy or TLS options");
    public static readonly Option MaxSize = new("--max-size", "SIZE", "refuse a longer body: bytes, or with k, M, G (default 64M where it is held in memory)");
    public static readonly Option Sse = new("--sse", null, "read the answer as server-sent events, shown as they arrive; another kind of answer is an error");
    public static readonly Option SseEnd = new("--sse-end", "TEXT", "the data or the type of the event that must end the stream; exit with 75 where it does not come");
    public static readonly Option Ndjson = new("--ndjson", null, "read the answer as JSON documents, one a line, shown as they arrive");
    public static readonly Option OutputFile = new("--output", "FILE", "write the body to this file, which appears only when it is complete") { Short = "-o", IsFile = true };

    public static readonly Option Har = new("--har", "FILE", "write an HTTP Archive of every request that was sent; secrets are masked") { IsFile = true };

    public static readonly Option HarBodies = new("--har-bodies", "SIZE", "with --har, write down bodies up to this size too: bytes, or with k, M; what secret names hold is masked");
    public static readonly Option Replay = new("--replay", "FILE", "answer from this HTTP Archive, and send nothing") { IsFile = true };

    public static readonly Option AsCurl = new("--as-curl", null, "print the command line of curl for this, and send nothing");

    public static readonly OptionGroup Request = new("Request", [Header, Form, Multipart, Body, Auth, Digest, PasswordFile, BearerEnv, Session, Http11, Http2, Http3, AsCurl]);
    public static readonly OptionGroup Answer = new("Answer", [Follow, NoFollow, MaxRedirects, Fail, MaxSize, OutputFile, Sse, SseEnd, Ndjson, Har, HarBodies, Replay]);
}
