using System.Buffers;
using System.Buffers.Binary;
using System.Net;
using System.Security.Cryptography.X509Certificates;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.Logging;

namespace Codomyrmex.Networking.Tests.Integration.Fixtures;

/// <summary>Kestrel without HTTP: a <see cref="ConnectionHandler"/> that sends back, reversed, frames with their length before them (4 bytes). An empty one makes it break the connection.</summary>
internal sealed class KestrelFrames : IAsyncDisposable
{
    private readonly WebApplication _application;

    private KestrelFrames(WebApplication application) => _application = application;

    public int Port => new Uri(_application.Urls.First()).Port;

    public static async Task<KestrelFrames> StartAsync(X509Certificate2? certificate = null)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        if (certificate is not null)
            builder.WebHost.UseKestrelHttpsConfiguration();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0, listen =>
        {
            if (certificate is not null)
                listen.UseHttps(certificate);
            listen.UseConnectionHandler<Reversing>();
        }));
        var server = new KestrelFrames(builder.Build());
        await server._application.StartAsync();
        return server;
    }

    public async ValueTask DisposeAsync()
    {
        using var atOnce = new CancellationTokenSource(TimeSpan.Zero);
        await _application.StopAsync(atOnce.Token);
        await _application.DisposeAsync();
    }

    private sealed class Reversing : ConnectionHandler
    {
        public override async Task OnConnectedAsync(ConnectionContext connection)
        {
            while (true)
            {
                var read = await connection.Transport.Input.ReadAsync();
                var rest = read.Buffer;
                while (TryTake(ref rest) is { } frame)
                {
                    if (frame.Length == 0)
                    {
                        connection.Abort();
                        return;
                    }
                    Array.Reverse(frame);
                    BinaryPrimitives.WriteInt32BigEndian(connection.Transport.Output.GetSpan(4), frame.Length);
                    connection.Transport.Output.Advance(4);
                    await connection.Transport.Output.WriteAsync(frame);
                }
                connection.Transport.Input.AdvanceTo(rest.Start, rest.End);
                if (read.IsCompleted)
                    return;
            }
        }

        private static byte[]? TryTake(ref ReadOnlySequence<byte> rest)
        {
            if (rest.Length < 4)
                return null;
            var head = rest.Slice(0, 4).ToArray();
            var length = BinaryPrimitives.ReadInt32BigEndian(head);
            if (rest.Length < 4 + length)
                return null;
            var frame = rest.Slice(4, length).ToArray();
            rest = rest.Slice(4 + length);
            return frame;
        }
    }
}
