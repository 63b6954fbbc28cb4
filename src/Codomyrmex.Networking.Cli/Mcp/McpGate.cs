using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Codomyrmex.Networking.Testing;

namespace Codomyrmex.Networking.Cli.Mcp;

/// <summary>
/// Who may speak to a server on this machine: programs, and no web pages. A page's name may have been made to point here (DNS rebinding), so the Host counts as well as the Origin; and a page
/// can send only what is no JSON without asking first, which this server never grants.
/// </summary>
internal sealed class McpGate(int port, string? token)
{
    private readonly string[] _hosts = [.. new[] { "127.0.0.1", "localhost", "[::1]" }.Select(host => string.Create(CultureInfo.InvariantCulture, $"{host}:{port}"))];
    private readonly byte[]? _token = string.IsNullOrEmpty(token) ? null : SHA256.HashData(Encoding.UTF8.GetBytes("Bearer " + token));

    /// <summary>Why a request is not answered; null where it is.</summary>
    public (int Status, string Why)? Refusal(LoopbackExchange exchange)
    {
        if (exchange.Headers["Host"] is not { } host || !_hosts.Contains(host, StringComparer.OrdinalIgnoreCase))
            return (403, "This server is for this machine; the Host is another.");
        if (exchange.Headers["Origin"] is { } origin && !_hosts.Any(own => origin.Equals("http://" + own, StringComparison.OrdinalIgnoreCase)))
            return (403, "Web pages are not served.");
        // By digests of equal length, in a time that says nothing.
        if (_token is not null && !CryptographicOperations.FixedTimeEquals(_token, SHA256.HashData(Encoding.UTF8.GetBytes(exchange.Headers["Authorization"] ?? ""))))
            return (401, "The token of CODONET_MCP_TOKEN is missing or another.");
        return exchange.Headers["Content-Type"]?.Split(';')[0].Trim().Equals("application/json", StringComparison.OrdinalIgnoreCase) == true ? null : (415, "A message is application/json.");
    }
}
