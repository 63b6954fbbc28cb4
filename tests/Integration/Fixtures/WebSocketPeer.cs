namespace Codomyrmex.Networking.Tests.Integration.Fixtures;

/// <summary>
/// A WebSocket server on a library of others: it sends back what it gets, but for the texts <c>close CODE REASON</c>, <c>send BYTES</c>,
/// <c>ping PAYLOAD</c> and <c>half</c> or <c>half reset</c>, which it obeys. It prints <c>closed CODE REASON</c> when a client has closed.
/// </summary>
internal sealed class WebSocketPeer : IAsyncDisposable
{
    private readonly ServerProcess _process;

    private WebSocketPeer(ServerProcess process, int port)
    {
        _process = process;
        Port = port;
    }

    public int Port { get; }

    public string Url => $"ws://127.0.0.1:{Port}/";

    /// <summary>npm's <c>ws</c>.</summary>
    public static async Task<WebSocketPeer> StartNodeAsync(bool compresses = false, int? port = null)
    {
        var at = port ?? ServerProcess.FreePort();
        return new WebSocketPeer(await ServerProcess.StartAsync(new ServerFolder(), at, NodeServers.Node,
            NodeServers.Script("websocket.mjs"), NodeServers.Module("package.json"), $"{at}", compresses ? "deflate" : "plain"), at);
    }

    /// <summary>Python's <c>websockets</c>, which Debian has; it pings each client every 100 ms.</summary>
    public static async Task<WebSocketPeer> StartPythonAsync(bool compresses = false)
    {
        var port = ServerProcess.FreePort();
        var folder = new ServerFolder();
        var script = folder.Write("server.py", Python);
        return new WebSocketPeer(await ServerProcess.StartAsync(folder, port, "/usr/bin/python3", script, $"{port}", compresses ? "deflate" : "plain"), port);
    }

    /// <summary>Waits until it has printed a line.</summary>
    public Task SeesAsync(string line, CancellationToken cancellationToken) => _process.PrintsAsync(line, cancellationToken);

    /// <summary>Ends it at once, as a crash would (SIGKILL).</summary>
    public void Kill() => _process.Kill();

    public ValueTask DisposeAsync() => _process.DisposeAsync();

    private const string Python = """
        import asyncio, socket, struct, sys
        import websockets

        async def serve(peer, path=None):
            try:
                async for message in peer:
                    order = message.split(' ') if isinstance(message, str) and len(message) < 100 else ['']
                    if order[0] == 'close':
                        await peer.close(int(order[1]), ' '.join(order[2:]))
                    elif order[0] == 'send':
                        await peer.send(b'x' * int(order[1]))
                    elif order[0] == 'ping':
                        await (await peer.ping(order[1]))
                        await peer.send('pong ' + order[1])
                    elif order[0] == 'pings':
                        for i in range(int(order[1])):
                            await (await peer.ping())
                        print('answered', order[1], flush=True)
                    elif order[0] == 'half':
                        peer.transport.write(bytes([0x82, 126, 3, 232, 1, 2, 3]))
                        if order[1:] == ['reset']:
                            peer.transport.get_extra_info('socket').setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack('ii', 1, 0))
                        peer.transport.close()
                    else:
                        await peer.send(message)
            except websockets.ConnectionClosed:
                pass
            await peer.wait_closed()
            print('closed', peer.close_code, peer.close_reason, flush=True)

        async def main():
            async with websockets.serve(serve, '127.0.0.1', int(sys.argv[1]), compression='deflate' if sys.argv[2] == 'deflate' else None,
                                        subprotocols=['second'], max_size=2 ** 26, ping_interval=0.1, ping_timeout=2):
                await asyncio.Future()

        asyncio.run(main())

        """;
}
