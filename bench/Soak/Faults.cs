using System.Buffers.Binary;
using System.Collections.Concurrent;
using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using Codomyrmex.Networking.Resilience;
using Codomyrmex.Networking.Sockets;

namespace Codomyrmex.Networking.Soak;

/// <summary>Peers that do everything wrong, one fault after the other.</summary>
internal sealed class Faults(int port, int tlsPort, int seed)
{
    /// <summary>Longer than every limit that the server has for peers that do nothing.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(25);

    private readonly Random _random = new(seed);

    /// <summary>How often each happened.</summary>
    public static ConcurrentDictionary<string, int> Counts { get; } = [];

    public static ConcurrentQueue<string> Violations { get; } = [];

    public async Task RunAsync(CancellationToken enough)
    {
        (string Name, Func<CancellationToken, Task> Run)[] all =
        [
            ("reset after some bytes", ResetAsync),
            ("opened and dropped", DropAsync),
            ("frame begun, then silence", HalfFrameAsync),
            ("reads nothing", ReadNothingAsync),
            ("TLS garbage", GarbageAsync),
            ("TLS begun, then silence", StalledHandshakeAsync),
            ("reset in the middle of TLS", ResetTlsAsync),
            ("frame too large", OversizeAsync),
            ("request given up", GiveUpAsync),
        ];
        while (!enough.IsCancellationRequested)
        {
            var fault = all[_random.Next(all.Length)];
            try
            {
                await fault.Run(enough);
            }
            catch (Exception error) when (error is SocketException or IOException or NetworkException or OperationCanceledException or System.Security.Authentication.AuthenticationException)
            {
                // The server may be between two lives.
                await Task.Delay(50, CancellationToken.None);
            }
            Counts.AddOrUpdate(fault.Name, 1, static (_, count) => count + 1);
        }
    }

    private static async Task<Socket> ConnectAsync(int port, CancellationToken cancellationToken)
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            await socket.ConnectAsync(IPAddress.Loopback, port, cancellationToken);
            return socket;
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    private static byte[] Framed(byte[] frame)
    {
        var all = new byte[4 + frame.Length];
        BinaryPrimitives.WriteInt32BigEndian(all, frame.Length);
        frame.CopyTo(all, 4);
        return all;
    }

    private async Task ResetAsync(CancellationToken enough)
    {
        using var socket = await ConnectAsync(port, enough);
        var bytes = Framed(SoakFrame.Make(0, 1, _random.Next(20_000)));
        for (var i = _random.Next(5); i >= 0; i--)
            await socket.SendAsync(bytes, SocketFlags.None, enough);
        await socket.SendAsync(bytes.AsMemory(0, _random.Next(bytes.Length)), SocketFlags.None, enough);
        socket.LingerState = new LingerOption(true, 0);
    }

    private async Task DropAsync(CancellationToken enough)
    {
        for (var i = 0; i < 20; i++)
        {
            using var socket = await ConnectAsync(_random.Next(2) == 0 ? port : tlsPort, enough);
            if (_random.Next(2) == 0)
                socket.LingerState = new LingerOption(true, 0);
        }
    }

    private async Task HalfFrameAsync(CancellationToken enough)
    {
        using var socket = await ConnectAsync(port, enough);
        var bytes = Framed(SoakFrame.Make(0, 1, 1000));
        await socket.SendAsync(bytes.AsMemory(0, _random.Next(1, bytes.Length)), SocketFlags.None, enough);
        await IsEndedAsync(socket, "a frame that was begun");
    }

    private async Task ReadNothingAsync(CancellationToken enough)
    {
        using var socket = await ConnectAsync(port, enough);
        var bytes = Framed(SoakFrame.Make(0, 1, SoakFrame.Largest));
        using var late = CancellationTokenSource.CreateLinkedTokenSource(enough);
        late.CancelAfter(Patience);
        // Ends with an error when the server gives it up.
        while (true)
            await socket.SendAsync(bytes, SocketFlags.None, late.Token);
    }

    private async Task GarbageAsync(CancellationToken enough)
    {
        using var socket = await ConnectAsync(tlsPort, enough);
        var bytes = new byte[_random.Next(1, 5000)];
        _random.NextBytes(bytes);
        if (_random.Next(2) == 0)
            bytes[0] = 0x16;
        await socket.SendAsync(bytes, SocketFlags.None, enough);
        await IsEndedAsync(socket, "garbage in place of TLS");
    }

    private async Task StalledHandshakeAsync(CancellationToken enough)
    {
        using var socket = await ConnectAsync(tlsPort, enough);
        await socket.SendAsync((byte[])[0x16, 0x03, 0x01, 0x02, 0x00, 0x01], SocketFlags.None, enough);
        await IsEndedAsync(socket, "a handshake that was begun");
    }

    private async Task ResetTlsAsync(CancellationToken enough)
    {
        using var socket = await ConnectAsync(tlsPort, enough);
        using var tls = new SslStream(new NetworkStream(socket), leaveInnerStreamOpen: false, static (_, _, _, _) => true);
        await tls.AuthenticateAsClientAsync("localhost").WaitAsync(Patience, enough);
        await tls.WriteAsync(Framed(SoakFrame.Make(0, 1, _random.Next(5000))), enough);
        socket.LingerState = new LingerOption(true, 0);
        socket.Close();
    }

    private async Task OversizeAsync(CancellationToken enough)
    {
        using var socket = await ConnectAsync(port, enough);
        await socket.SendAsync((byte[])[0x7f, 0xff, 0xff, 0xff, 1, 2, 3], SocketFlags.None, enough);
        await IsEndedAsync(socket, "a frame that is too large");
    }

    private async Task GiveUpAsync(CancellationToken enough)
    {
        var options = new TCPClientOptions { Framing = Framing.LengthPrefixed(4), Retry = RetryOptions.None };
        await using var client = new TCPClient("127.0.0.1", port, options);
        using var late = CancellationTokenSource.CreateLinkedTokenSource(enough);
        late.CancelAfter(_random.Next(5));
        try
        {
            for (var i = 0; ; i++)
                await client.RequestAsync(SoakFrame.Make(0, i, 50_000), late.Token);
        }
        catch (OperationCanceledException) when (!enough.IsCancellationRequested)
        {
            // As intended.
        }
    }

    /// <summary>The server ends what leads to nothing.</summary>
    private static async Task IsEndedAsync(Socket socket, string what)
    {
        using var late = new CancellationTokenSource(Patience);
        var buffer = new byte[1024];
        try
        {
            while (await socket.ReceiveAsync(buffer, SocketFlags.None, late.Token) > 0)
            {
            }
        }
        catch (SocketException)
        {
            // By a reset.
        }
        catch (OperationCanceledException)
        {
            Violations.Enqueue($"{what} is waited for after {Patience.TotalSeconds} s");
        }
    }
}
