using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Codomyrmex.Networking.Tests.Integration.Fixtures;

/// <summary>A server that speaks first, then echoes: what it says at once must not be lost behind a proxy's answer.</summary>
internal sealed class EchoServer : IAsyncDisposable
{
    public const string Greeting = "220 ready\r\n\r\n";

    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _accepting;

    public EchoServer()
    {
        _listener.Start();
        _accepting = AcceptAsync();
    }

    public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        _listener.Stop();
        await _accepting;
        _stop.Dispose();
    }

    private async Task AcceptAsync()
    {
        var conversations = new List<Task>();
        try
        {
            while (true)
                conversations.Add(EchoAsync(await _listener.AcceptSocketAsync(_stop.Token)));
        }
        catch (OperationCanceledException)
        {
        }
        await Task.WhenAll(conversations);
    }

    private async Task EchoAsync(Socket socket)
    {
        await using var stream = new NetworkStream(socket, ownsSocket: true);
        try
        {
            await stream.WriteAsync(Encoding.ASCII.GetBytes(Greeting), _stop.Token);
            await stream.CopyToAsync(stream, _stop.Token);
        }
        catch (Exception ended) when (ended is OperationCanceledException or IOException)
        {
            // The peer left or the test is over.
        }
    }
}
