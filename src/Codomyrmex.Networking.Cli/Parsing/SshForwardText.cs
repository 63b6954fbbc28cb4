using System.Globalization;
using System.Net;

namespace Codomyrmex.Networking.Cli.Parsing;

/// <summary>A forward as <c>ssh</c> writes it: <c>[BIND:]PORT:HOST:PORT</c>, or <c>[BIND:]PORT</c> for a SOCKS proxy. IPv6 addresses stand in brackets.</summary>
/// <param name="Kind"><c>L</c>, <c>R</c> or <c>D</c>.</param>
/// <param name="Bind">Where to listen; the loopback interface where nothing is said.</param>
/// <param name="Port">The port to listen on; 0 for any free one.</param>
/// <param name="Host">Where connections go; null for a SOCKS proxy.</param>
/// <param name="TargetPort">The port there.</param>
internal sealed record SshForwardText(char Kind, string Bind, int Port, string? Host, int TargetPort)
{
    /// <summary>Where to listen on this machine.</summary>
    public IPEndPoint ListenAt => new(Bind switch { "localhost" => IPAddress.Loopback, "*" => IPAddress.Any, _ => IPAddress.Parse(Bind) }, Port);

    public string Target => Host is null ? "wherever SOCKS asks" : string.Create(CultureInfo.InvariantCulture, $"{(Host.Contains(':', StringComparison.Ordinal) ? $"[{Host}]" : Host)}:{TargetPort}");

    /// <exception cref="FormatException">It is none.</exception>
    public static SshForwardText Parse(char kind, string text)
    {
        var parts = Split(text);
        var listening = kind == 'D' ? parts.Count : parts.Count - 2;
        if (listening is not (1 or 2))
            throw Wrong(kind, text);
        var bind = listening == 2 ? parts[0] : "localhost";
        if (bind.Length == 0)
            bind = "*";
        var port = ReadPort(parts[listening - 1], 0, kind, text);
        // Only what listens here must be an address; a server reads its own names.
        if (kind != 'R' && bind is not ("localhost" or "*") && !IPAddress.TryParse(bind, out _))
            throw new FormatException($"'{text}': '{bind}' is no address to listen at.");
        if (kind == 'D')
            return new SshForwardText(kind, bind, port, null, 0);
        return parts[^2].Length > 0 ? new SshForwardText(kind, bind, port, parts[^2], ReadPort(parts[^1], 1, kind, text)) : throw Wrong(kind, text);
    }

    public override string ToString() => $"-{Kind} {Bind}:{Port}{(Host is null ? "" : ":" + Target)}";

    private static List<string> Split(string text)
    {
        var parts = new List<string>();
        for (var at = 0; at <= text.Length;)
        {
            var isBracketed = at < text.Length && text[at] == '[';
            var end = isBracketed ? text.IndexOf(']', at) : text.IndexOf(':', at);
            if (isBracketed && end > 0)
            {
                parts.Add(text[(at + 1)..end]);
                at = end + 2;
                continue;
            }
            end = end < 0 ? text.Length : end;
            parts.Add(text[at..end]);
            at = end + 1;
        }
        return parts;
    }

    private static int ReadPort(string text, int least, char kind, string whole) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var port) && port >= least && port <= 65535
            ? port
            : throw new FormatException($"'{whole}': '{text}' is not a port from {least} to 65535; write {Form(kind)}.");

    private static FormatException Wrong(char kind, string text) => new($"'{text}' is not {Form(kind)}.");

    private static string Form(char kind) => kind == 'D' ? "[BIND:]PORT" : "[BIND:]PORT:HOST:PORT";
}
