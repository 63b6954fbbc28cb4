using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Codomyrmex.Networking.Tests.Unit.Testing;

/// <summary>A bare TCP connection to a server under test: what is sent is exactly what the test wrote.</summary>
internal sealed class RawClient : IDisposable
{
    private readonly TcpClient _client = new();

    public Stream Stream { get; private set; } = Stream.Null;

    public static async Task<RawClient> ConnectAsync(int port)
    {
        var raw = new RawClient();
        await raw._client.ConnectAsync(IPAddress.Loopback, port, TestContext.Current.CancellationToken);
        raw.Stream = raw._client.GetStream();
        return raw;
    }

    public static async Task<string> ExchangeAsync(int port, string text)
    {
        using var raw = await ConnectAsync(port);
        await raw.SendAsync(text);
        return await raw.ReadToEndAsync();
    }

    public async Task SendAsync(string text) => await Stream.WriteAsync(Encoding.Latin1.GetBytes(text), TestContext.Current.CancellationToken);

    public void ShutdownSend() => _client.Client.Shutdown(SocketShutdown.Send);

    public async Task<string> ReadToEndAsync()
    {
        using var reader = new StreamReader(Stream, Encoding.Latin1);
        return await reader.ReadToEndAsync(TestContext.Current.CancellationToken);
    }

    public async Task<byte[]> ReadAsync(int count)
    {
        var bytes = new byte[count];
        await Stream.ReadExactlyAsync(bytes, TestContext.Current.CancellationToken);
        return bytes;
    }

    /// <summary>Reads up to and with a marker.</summary>
    public async Task<string> ReadUntilAsync(string marker)
    {
        var text = new StringBuilder();
        var one = new byte[1];
        while (!text.ToString().EndsWith(marker, StringComparison.Ordinal))
        {
            if (await Stream.ReadAsync(one, TestContext.Current.CancellationToken) == 0)
                throw new EndOfStreamException($"The peer ended after: {text}");
            text.Append((char)one[0]);
        }
        return text.ToString();
    }

    public void Dispose() => _client.Dispose();
}
