using System.Buffers;
using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using Codomyrmex.Networking.Sockets;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;

namespace Codomyrmex.Networking.Benchmarks.SocketServers;

/// <summary>The servers in .NET: each echoes frames behind four bytes of length, prints its port and ends with its input.</summary>
internal static class Program
{
    public static Task<int> Main(string[] args) => args.FirstOrDefault() switch
    {
        "own" => OwnAsync(),
        "kestrel" => KestrelAsync(),
        "plain" => PlainAsync(),
        _ => Task.FromResult(64),
    };

    /// <summary>With every limit on.</summary>
    private static async Task<int> OwnAsync()
    {
        await using var server = TCPServer.Start(async (connection, ct) =>
        {
            await foreach (var frame in connection.ReceiveAllAsync(ct))
                await connection.WriteAsync(frame, ct);
        }, new TCPServerOptions { Framing = Framing.LengthPrefixed(4) });
        return await UntilInputEndsAsync(server.Port);
    }

    private static async Task<int> KestrelAsync()
    {
        var transport = new SocketTransportFactory(Options.Create(new SocketTransportOptions()), NullLoggerFactory.Instance);
        var options = new KestrelServerOptions { ApplicationServices = new Services() };
        var port = FreePort();
        options.Listen(IPAddress.Loopback, port, listen => listen.Run(EchoAsync));
        using var server = new KestrelServer(Options.Create(options), transport, NullLoggerFactory.Instance);
        await server.StartAsync(new NoHttp(), CancellationToken.None);
        return await UntilInputEndsAsync(port);
    }

    private static async Task EchoAsync(ConnectionContext connection)
    {
        var (input, output) = (connection.Transport.Input, connection.Transport.Output);
        try
        {
            while (true)
            {
                var result = await input.ReadAsync();
                var buffer = result.Buffer;
                while (TryRead(ref buffer, out var frame))
                {
                    BinaryPrimitives.WriteUInt32BigEndian(output.GetSpan(4), (uint)frame.Length);
                    output.Advance(4);
                    foreach (var piece in frame)
                        output.Write(piece.Span);
                }
                input.AdvanceTo(buffer.Start, buffer.End);
                await output.FlushAsync();
                if (result.IsCompleted)
                    return;
            }
        }
        catch (ConnectionResetException)
        {
        }
    }

    private static bool TryRead(ref ReadOnlySequence<byte> buffer, out ReadOnlySequence<byte> frame)
    {
        frame = default;
        if (buffer.Length < 4)
            return false;
        Span<byte> prefix = stackalloc byte[4];
        buffer.Slice(0, 4).CopyTo(prefix);
        var length = BinaryPrimitives.ReadUInt32BigEndian(prefix);
        if (length > 1 << 20)
            throw new InvalidDataException();
        if (buffer.Length < 4 + length)
            return false;
        frame = buffer.Slice(4, length);
        buffer = buffer.Slice(4 + length);
        return true;
    }

    /// <summary>Bytes as they come: no frames, no limits.</summary>
    private static async Task<int> PlainAsync()
    {
        using var listener = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        listener.Listen(4096);
        _ = Task.Run(async () =>
        {
            while (true)
                _ = PlainAsync(await listener.AcceptAsync());
        });
        return await UntilInputEndsAsync(((IPEndPoint)listener.LocalEndPoint!).Port);
    }

    private static async Task PlainAsync(Socket socket)
    {
        using (socket)
        {
            socket.NoDelay = true;
            var buffer = new byte[8192];
            try
            {
                while (await socket.ReceiveAsync(buffer.AsMemory()) is > 0 and var count)
                    await socket.SendAsync(buffer.AsMemory(0, count));
            }
            catch (SocketException)
            {
            }
        }
    }

    private static async Task<int> UntilInputEndsAsync(int port)
    {
        Console.WriteLine(port);
        while (await Console.In.ReadLineAsync() is not null)
        {
            GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);
            Console.WriteLine("collected");
        }
        return 0;
    }

    private static int FreePort()
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        return ((IPEndPoint)socket.LocalEndPoint!).Port;
    }

    private sealed class Services : IServiceProvider
    {
        public object? GetService(Type serviceType) =>
            serviceType == typeof(Microsoft.Extensions.Logging.ILoggerFactory) ? NullLoggerFactory.Instance : null;
    }

    private sealed class NoHttp : IHttpApplication<object>
    {
        public object CreateContext(IFeatureCollection contextFeatures) => this;

        public Task ProcessRequestAsync(object context) => Task.CompletedTask;

        public void DisposeContext(object context, Exception? exception)
        {
        }
    }
}
