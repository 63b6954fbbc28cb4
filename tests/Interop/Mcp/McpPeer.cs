using System.Diagnostics;
using System.Text.Json;
using ModelContextProtocol.Client;
using ModelContextProtocol.Protocol;

namespace Codomyrmex.Networking.Tests.Interop.Mcp;

/// <summary><c>codonet mcp</c> as a process of its own, and the protocol's own client speaking to it.</summary>
internal sealed class McpPeer : IAsyncDisposable
{
    private readonly Process? _server;

    private McpPeer(McpClient client, Process? server, string? url) => (Client, _server, Url) = (client, server, url);

    public McpClient Client { get; }

    /// <summary>Where it is served, over HTTP.</summary>
    public string? Url { get; }

    /// <summary>Every way to speak to it: both transports, the newest revision and one with a handshake.</summary>
    public static TheoryData<string, string> Ways => new()
    {
        { "stdio", "2026-07-28" },
        { "stdio", "2025-06-18" },
        { "http", "2026-07-28" },
        { "http", "2025-11-25" },
    };

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public static Task<McpPeer> StartAsync(params string[] arguments) => StartAsync("stdio", null, null, arguments);

    public static async Task<McpPeer> StartAsync(string transport, string? version, IDictionary<string, string?>? environment, params string[] arguments)
    {
        // A version that is asked for is insisted on.
        var options = new McpClientOptions { ProtocolVersion = version, InitializationTimeout = TimeSpan.FromSeconds(60) };
        if (transport == "stdio")
        {
            var stdio = new StdioClientTransport(new StdioClientTransportOptions
            {
                Command = Codonet.Path,
                Arguments = ["mcp", .. arguments],
                EnvironmentVariables = environment ?? new Dictionary<string, string?>(),
                ShutdownTimeout = TimeSpan.FromSeconds(5),
            });
            return new McpPeer(await McpClient.CreateAsync(stdio, options, cancellationToken: Stop), null, null);
        }
        var (server, url) = await Codonet.ServeAsync(environment, arguments);
        try
        {
            var http = new HttpClientTransport(new HttpClientTransportOptions { Endpoint = new Uri(url), TransportMode = HttpTransportMode.StreamableHttp });
            return new McpPeer(await McpClient.CreateAsync(http, options, cancellationToken: Stop), server, url);
        }
        catch
        {
            server.Kill();
            server.Dispose();
            throw;
        }
    }

    /// <summary>Calls a tool; what comes of it, in the structure that its schema promises.</summary>
    public async Task<JsonElement> CallAsync(string tool, object arguments, CancellationToken cancellationToken = default)
    {
        var result = await CallWholeAsync(tool, arguments, null, cancellationToken);
        return result.StructuredContent!.Value;
    }

    public async Task<CallToolResult> CallWholeAsync(string tool, object arguments, IProgress<ModelContextProtocol.ProgressNotificationValue>? progress = null, CancellationToken cancellationToken = default)
    {
        var given = JsonSerializer.SerializeToElement(arguments).EnumerateObject().ToDictionary(static member => member.Name, static member => (object?)member.Value);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(Stop, cancellationToken);
        return await Client.CallToolAsync(tool, given, progress, cancellationToken: either.Token);
    }

    public async ValueTask DisposeAsync()
    {
        await Client.DisposeAsync();
        if (_server is null)
            return;
        _server.Kill();
        await _server.WaitForExitAsync();
        _server.Dispose();
    }
}
