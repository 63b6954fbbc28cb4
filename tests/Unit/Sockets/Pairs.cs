using System.Net;
using System.Text;
using Codomyrmex.Networking.Sockets;
using Codomyrmex.Networking.Testing;

namespace Codomyrmex.Networking.Tests.Unit.Sockets;

/// <summary>What tests of sockets begin with.</summary>
internal static class Pairs
{
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    public static CancellationToken Stop => TestContext.Current.CancellationToken;

    public static TCPServer Echo(TCPServerOptions? options = null) => TCPServer.Start(EchoAsync, options ?? new TCPServerOptions());

    public static async Task EchoAsync(TCPConnection connection, CancellationToken cancellationToken)
    {
        await foreach (var frame in connection.ReceiveAllAsync(cancellationToken))
            await connection.WriteAsync(frame, cancellationToken);
    }

    public static TCPClient ClientOf(TCPServer server, TCPClientOptions? options = null) => new("127.0.0.1", server.Port, options);

    /// <summary>A client's settings whose connections are handed to a server in memory.</summary>
    public static TCPClientOptions InMemory(TCPServer server, TCPClientOptions? options = null, int capacity = 64 * 1024, EndPoint? remote = null)
    {
        options ??= TCPClientOptions.Default;
        return options with
        {
            Transport = options.Transport with
            {
                DialOver = (_, _) =>
                {
                    var pair = StreamPair.Create(capacity);
                    server.Serve(pair.Server, remote);
                    return ValueTask.FromResult(pair.Client);
                },
            },
        };
    }

    public static string Text(this ReadOnlyMemory<byte> frame) => Encoding.UTF8.GetString(frame.Span);

    public static string? Text(this ReadOnlyMemory<byte>? frame) => frame?.Text();

    public static async Task<NetworkException> FailsAsync(Func<Task> call, string code)
    {
        var error = await Assert.ThrowsAnyAsync<NetworkException>(() => call().WaitAsync(Patience));
        Assert.Equal(code, error.Code);
        return error;
    }

    /// <summary>Waits for what another thread is about to do.</summary>
    public static void Becomes(Func<bool> condition, string what) => Assert.True(SpinWait.SpinUntil(condition, Patience), what);
}
