using System.Net;
using System.Net.WebSockets;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Codomyrmex.Networking.Tests.Integration.Fixtures;

/// <summary>Kestrel with ASP.NET's WebSockets: it sends back what it gets, and obeys <c>close CODE REASON</c>, <c>abort</c> and <c>half</c>.</summary>
internal sealed class KestrelServer : IAsyncDisposable
{
    private readonly WebApplication _application;
    private readonly TaskCompletionSource<(WebSocketCloseStatus? Code, string? Reason)> _closed = new(TaskCreationOptions.RunContinuationsAsynchronously);

    private KestrelServer(WebApplication application) => _application = application;

    public string Url => _application.Urls.First().Replace("http", "ws", StringComparison.Ordinal) + "/";

    /// <summary>How the first client that closed did it.</summary>
    public Task<(WebSocketCloseStatus? Code, string? Reason)> Closed => _closed.Task;

    public static async Task<KestrelServer> StartAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(static kestrel => kestrel.Listen(IPAddress.Loopback, 0));
        var server = new KestrelServer(builder.Build());
        server._application.UseWebSockets(new WebSocketOptions { KeepAliveInterval = TimeSpan.FromMilliseconds(100) });
        server._application.Run(server.ServeAsync);
        await server._application.StartAsync();
        return server;
    }

    public async ValueTask DisposeAsync()
    {
        using var atOnce = new CancellationTokenSource(TimeSpan.Zero);
        await _application.StopAsync(atOnce.Token);
        await _application.DisposeAsync();
    }

    private async Task ServeAsync(HttpContext context)
    {
        if (!context.WebSockets.IsWebSocketRequest)
        {
            context.Response.StatusCode = StatusCodes.Status426UpgradeRequired;
            return;
        }
        using var socket = await context.WebSockets.AcceptWebSocketAsync(new WebSocketAcceptContext { SubProtocol = context.WebSockets.WebSocketRequestedProtocols.LastOrDefault(), DangerousEnableCompression = true });
        var buffer = new byte[64 * 1024];
        while (true)
        {
            ValueWebSocketReceiveResult part;
            try
            {
                part = await socket.ReceiveAsync(buffer.AsMemory(), context.RequestAborted);
            }
            catch (Exception error) when (error is WebSocketException or OperationCanceledException)
            {
                return;
            }
            if (part.MessageType == WebSocketMessageType.Close)
            {
                _closed.TrySetResult((socket.CloseStatus, socket.CloseStatusDescription));
                if (socket.State == WebSocketState.CloseReceived)
                    await socket.CloseOutputAsync(socket.CloseStatus ?? WebSocketCloseStatus.Empty, socket.CloseStatusDescription, context.RequestAborted);
                return;
            }
            var order = part is { MessageType: WebSocketMessageType.Text, EndOfMessage: true, Count: < 100 } ? System.Text.Encoding.UTF8.GetString(buffer, 0, part.Count).Split(' ', 3) : [""];
            switch (order[0])
            {
                case "close":
                    await socket.CloseAsync((WebSocketCloseStatus)int.Parse(order[1], System.Globalization.CultureInfo.InvariantCulture), order[2], context.RequestAborted);
                    return;
                case "half":
                    await socket.SendAsync(new byte[10], WebSocketMessageType.Binary, endOfMessage: false, context.RequestAborted);
                    context.Abort();
                    return;
                case "send":
                    await socket.SendAsync(new byte[int.Parse(order[1], System.Globalization.CultureInfo.InvariantCulture)], WebSocketMessageType.Binary, endOfMessage: true, context.RequestAborted);
                    break;
                default:
                    await socket.SendAsync(buffer.AsMemory(0, part.Count), part.MessageType, part.EndOfMessage, context.RequestAborted);
                    break;
            }
        }
    }
}
