using System.Net;
using System.Runtime.InteropServices;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json;
using Codomyrmex.Networking.Sockets;
using Codomyrmex.Networking.Transport;

namespace Codomyrmex.Networking.Soak;

/// <summary>
/// The server of a run: sends back every frame, and looks whether each client's numbers come without a gap and without a repetition. SIGTERM drains it; then it says which
/// numbers it has taken.
/// </summary>
internal sealed class SoakServer
{
    public const int FrameBytes = 64 * 1024;

    private static readonly TimeSpan Drain = TimeSpan.FromSeconds(8);

    private static readonly TCPServerLimits Limits = new()
    {
        ConnectionsPerAddress = 10_000,
        FrameBytes = FrameBytes,
        Handshake = TimeSpan.FromSeconds(3),
        Idle = TimeSpan.FromSeconds(20),
        Read = TimeSpan.FromSeconds(2),
        Write = TimeSpan.FromSeconds(3),
    };

    private readonly Lock _lock = new();
    private readonly Dictionary<long, Taken> _taken = [];
    private readonly List<string> _violations = [];

    public static async Task<int> RunAsync(int port, int tlsPort, string certificate, string key)
    {
        var stop = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        using var onTerminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, signal =>
        {
            signal.Cancel = true;
            stop.TrySetResult();
        });
        var own = new SoakServer();
        var options = new TCPServerOptions { EndPoints = [new IPEndPoint(IPAddress.Loopback, port)], Framing = Framing.LengthPrefixed(4), Limits = Limits };
        await using var plain = TCPServer.Start(own.ServeAsync, options);
        await using var secure = TCPServer.Start(own.ServeAsync, options with
        {
            EndPoints = [new IPEndPoint(IPAddress.Loopback, tlsPort)],
            Tls = new TlsServerOptions { Certificate = X509Certificate2.CreateFromPemFile(certificate, key) },
        });
        Console.WriteLine("ready");
        _ = Task.Run(() =>
        {
            while (Console.ReadLine() is not null)
                Console.WriteLine(JsonSerializer.Serialize(Vitals.Take(plain.Connections.Count + secure.Connections.Count)));
        });
        await stop.Task;
        var left = await Task.WhenAll(plain.StopAsync(Drain), secure.StopAsync(Drain));
        Console.WriteLine(JsonSerializer.Serialize(new Life(left.Sum(), own._taken, own._violations)));
        return 0;
    }

    private async Task ServeAsync(TCPConnection connection, CancellationToken cancellationToken)
    {
        long client = 0;
        try
        {
            await foreach (var frame in connection.ReceiveAllAsync(cancellationToken))
            {
                client = Note(frame.Span);
                await connection.WriteAsync(frame, cancellationToken);
            }
        }
        catch (NetworkException error) when (client != 0)
        {
            // A client that keeps to the rules gives no reason to.
            lock (_lock)
                _violations.Add($"client {client} was broken off: {error.Code} ({error.Message})");
            throw;
        }
    }

    private long Note(ReadOnlySpan<byte> frame)
    {
        var read = SoakFrame.Read(frame);
        lock (_lock)
        {
            if (read is not { } number)
                _violations.Add($"a frame of {frame.Length} bytes is not what was sent");
            else if (number.Client != 0 && !_taken.TryAdd(number.Client, new Taken(number.Number, number.Number)))
            {
                var before = _taken[number.Client];
                if (number.Number != before.Last + 1)
                    _violations.Add($"client {number.Client}: {number.Number} came after {before.Last}");
                _taken[number.Client] = before with { Last = number.Number };
            }
        }
        return read?.Client ?? 0;
    }

    /// <summary>The numbers of one client's frames that were given to a handler.</summary>
    internal sealed record Taken(long First, long Last);

    /// <summary>What a server says at its end.</summary>
    internal sealed record Life(int BrokenOff, IReadOnlyDictionary<long, Taken> Clients, IReadOnlyList<string> Violations);
}
