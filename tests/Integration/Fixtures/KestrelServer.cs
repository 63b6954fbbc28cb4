using System.Collections.Concurrent;
using System.Net;
using System.Net.WebSockets;
using System.Security.Cryptography.X509Certificates;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
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

    /// <summary>The HTTP connections that WebSockets came over, and the last of the requests.</summary>
    public ConcurrentDictionary<string, string> Connections { get; } = [];

    /// <summary>Starts one.</summary>
    /// <param name="protocols">The versions of HTTP that it speaks; HTTP/2 alone by prior knowledge where there is no certificate.</param>
    /// <param name="certificate">For TLS; null for none.</param>
    public static async Task<KestrelServer> StartAsync(HttpProtocols protocols = HttpProtocols.Http1, X509Certificate2? certificate = null)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        if (certificate is not null)
            builder.WebHost.UseKestrelHttpsConfiguration();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0, listen =>
        {
            listen.Protocols = protocols;
            if (certificate is not null)
                listen.UseHttps(certificate);
        }));
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
        if (context.Request.Path == "/no")
        {
            context.Response.StatusCode = StatusCodes.Status403Forbidden;
            context.Response.Headers["X-Reason"] = "quota";
            await context.Response.WriteAsync("not you\e[2J" + new string('n', 10_000));
            return;
        }
        if (context.Request.Path == "/moved")
        {
            context.Response.Redirect("/there?really=yes", permanent: false, preserveMethod: true);
            return;
        }
        Connections[context.Connection.Id] = $"{context.Request.Protocol} {context.Request.Method} {context.Request.Host} {context.Request.Path}{context.Request.QueryString} {context.Request.Headers.Authorization} {context.Request.Headers.Origin}";
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
