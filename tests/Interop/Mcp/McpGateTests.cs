using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;

namespace Codomyrmex.Networking.Tests.Interop.Mcp;

/// <summary>Class 38: a server on this machine that web pages cannot speak to, by raw requests.</summary>
public sealed class McpGateTests
{
    private const string Ping = """{"jsonrpc":"2.0","id":1,"method":"ping"}""";

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("Host: 127.0.0.1:PORT", 200)]
    [InlineData("Host: localhost:PORT", 200)]
    [InlineData("Host: 127.0.0.1:PORT\r\nOrigin: http://127.0.0.1:PORT", 200)]
    [InlineData("Host: rebound.example:PORT", 403)]
    [InlineData("Host: 127.0.0.1", 403)]
    [InlineData("Host: 127.0.0.1:PORT\r\nOrigin: https://evil.example", 403)]
    [InlineData("Host: 127.0.0.1:PORT\r\nOrigin: null", 403)]
    [InlineData("Host: 127.0.0.1:PORT\r\nOrigin: http://127.0.0.1:1", 403)]
    [InlineData("Host: 127.0.0.1:PORT\r\nOrigin: http://127.0.0.1:PORT.evil.example", 403)]
    public async Task Local_server_answers_a_foreign_origin_or_host_with_403(string fields, int status)
    {
        var (server, url) = await Codonet.ServeAsync(null);
        try
        {
            var port = new Uri(url).Port;
            var (code, body) = await SendAsync(port, $"POST /mcp HTTP/1.1\r\n{fields.Replace("PORT", $"{port}", StringComparison.Ordinal)}\r\nContent-Type: application/json\r\nContent-Length: {Ping.Length}\r\nConnection: close\r\n\r\n{Ping}");
            Assert.Equal(status, code);
            Assert.Equal(status == 200, body.Contains("\"result\"", StringComparison.Ordinal));
        }
        finally
        {
            server.Kill();
        }
    }

    [Theory]
    [InlineData("text/plain", "", null, 415)]
    [InlineData("application/json", "Authorization: Bearer open", "open", 200)]
    [InlineData("application/json", "Authorization: Bearer wrong", "open", 401)]
    [InlineData("application/json", "", "open", 401)]
    public async Task What_a_page_could_send_unasked_and_who_has_no_token_is_turned_away(string type, string field, string? token, int status)
    {
        var (server, url) = await Codonet.ServeAsync(new Dictionary<string, string?> { ["CODONET_MCP_TOKEN"] = token });
        try
        {
            var port = new Uri(url).Port;
            var fields = field.Length == 0 ? "" : field + "\r\n";
            Assert.Equal(status, (await SendAsync(port, $"POST /mcp HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\n{fields}Content-Type: {type}\r\nContent-Length: {Ping.Length}\r\nConnection: close\r\n\r\n{Ping}")).Status);
            Assert.Equal(405, (await SendAsync(port, $"GET /mcp HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nConnection: close\r\n\r\n")).Status);
        }
        finally
        {
            server.Kill();
        }
    }

    [Theory]
    [InlineData("2026-07-28", "tools/list", "", 200, 0)]
    [InlineData("2026-07-28", "tools/call", "", 400, -32020)]
    [InlineData("2025-06-18", "tools/list", "", 400, -32020)]
    [InlineData("", "tools/list", "", 400, -32020)]
    [InlineData("1900-01-01", "tools/list", "1900-01-01", 400, -32022)]
    [InlineData("2026-07-28", "no/such", "", 404, -32601)]
    public async Task Fields_that_say_something_else_than_the_message_are_refused(string version, string method, string asked, int status, int error)
    {
        var (server, url) = await Codonet.ServeAsync(null);
        try
        {
            var port = new Uri(url).Port;
            var sent = method == "tools/call" ? "tools/list" : method;
            var message = "{\"jsonrpc\":\"2.0\",\"id\":7,\"method\":\"" + sent + "\",\"params\":{\"_meta\":{\"io.modelcontextprotocol/protocolVersion\":\"" + (asked.Length > 0 ? asked : "2026-07-28") +
                          "\",\"io.modelcontextprotocol/clientCapabilities\":{}}}}";
            var field = version.Length == 0 ? "" : $"MCP-Protocol-Version: {version}\r\n";
            var (code, body) = await SendAsync(port, $"POST /mcp HTTP/1.1\r\nHost: localhost:{port}\r\n{field}Mcp-Method: {method}\r\nContent-Type: application/json\r\nContent-Length: {message.Length}\r\nConnection: close\r\n\r\n{message}");
            Assert.Equal(status, code);
            if (error != 0)
                Assert.Equal((7, error), (JsonElement.Parse(body).GetProperty("id").GetInt32(), JsonElement.Parse(body).GetProperty("error").GetProperty("code").GetInt32()));
        }
        finally
        {
            server.Kill();
        }
    }

    private static async Task<(int Status, string Body)> SendAsync(int port, string request)
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        await socket.ConnectAsync(IPAddress.Loopback, port, Stop);
        await socket.SendAsync(Encoding.UTF8.GetBytes(request), SocketFlags.None, Stop);
        using var stream = new NetworkStream(socket);
        using var reader = new StreamReader(stream);
        var answer = await reader.ReadToEndAsync(Stop);
        return (int.Parse(answer.Split(' ')[1], null), answer[(answer.IndexOf("\r\n\r\n", StringComparison.Ordinal) + 4)..]);
    }
}
