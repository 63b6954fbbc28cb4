namespace Codomyrmex.Networking.Cli.Parsing;

/// <summary>
/// Completes a URL as people type it: <c>example.com/x</c> is https, <c>localhost:8080</c>, <c>127.0.0.1</c> and <c>:8080</c> are http.
/// </summary>
internal static class TargetUrl
{
    public static string Complete(string text)
    {
        if (text.Contains("://", StringComparison.Ordinal))
            return text;
        if (text.StartsWith(':'))
            return "http://localhost" + (text is ":" || text[1] == '/' ? text[1..] : text);
        return (IsLocal(text) ? "http://" : "https://") + text;
    }

    /// <summary>The same for a WebSocket, with its own schemes.</summary>
    public static string CompleteWebSocket(string text) =>
        text.Contains("://", StringComparison.Ordinal) ? text : string.Concat("ws", Complete(text).AsSpan("http".Length));

    private static bool IsLocal(string text)
    {
        var end = text.AsSpan().IndexOfAny("/?#");
        var authority = end < 0 ? text : text[..end];
        var host = authority.StartsWith('[') ? authority : authority.Split(':')[0];
        return host.Equals("localhost", StringComparison.OrdinalIgnoreCase) || host.StartsWith("127.", StringComparison.Ordinal) ||
               host.StartsWith("[::1]", StringComparison.Ordinal);
    }
}
