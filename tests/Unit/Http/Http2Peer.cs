using System.Buffers.Binary;
using Codomyrmex.Networking.Testing;

namespace Codomyrmex.Networking.Tests.Unit.Http;

/// <summary>The server's side of an HTTP/2 connection by prior knowledge, frame by frame (RFC 9113): as right or as wrong as a test wants.</summary>
internal sealed class Http2Peer(ScriptedConnection connection, CancellationToken stop)
{
    public const byte Data = 0, Headers = 1, ResetStream = 3, Settings = 4, PushPromise = 5, Ping = 6, GoAway = 7, WindowUpdate = 8, Continuation = 9;

    /// <summary><c>:status: 200</c>, from HPACK's static table (RFC 7541, appendix A).</summary>
    public static readonly byte[] Status200 = [0x88];

    /// <summary>The setting that lets a stream become a WebSocket (SETTINGS_ENABLE_CONNECT_PROTOCOL, RFC 8441, section 3).</summary>
    public static readonly byte[] EnableConnect = [0, 8, 0, 0, 0, 1];

    public static ScriptedServer Start(Func<Http2Peer, Task> afterSettings, byte[]? settings = null) => ScriptedServer.Start(async (connection, stop) =>
    {
        var peer = new Http2Peer(connection, stop);
        await connection.ReadBytesAsync("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".Length, stop);
        await peer.SendAsync(Settings, 0, 0, settings ?? []);
        await afterSettings(peer);
        await connection.StallAsync(stop);
    });

    /// <summary>Reads frames until one of a type comes, and says on which stream.</summary>
    public async Task<int> ReadUntilAsync(byte type)
    {
        while (true)
        {
            var head = await connection.ReadBytesAsync(9, stop);
            if (head.Length < 9)
                throw new IOException("The client ended.");
            await connection.ReadBytesAsync(head[0] << 16 | head[1] << 8 | head[2], stop);
            if (head[3] == Settings && (head[4] & 1) == 0)
                await SendAsync(Settings, 1, 0, []);
            if (head[3] == type)
                return BinaryPrimitives.ReadInt32BigEndian(head.AsSpan(5)) & int.MaxValue;
        }
    }

    public Task SendAsync(byte type, byte flags, int stream, byte[] payload) => connection.SendAsync(Frame(type, flags, stream, payload), stop);

    public Task SendRawAsync(byte[] bytes) => connection.SendAsync(bytes, stop);

    public void Reset() => connection.Reset();

    public Task CloseAsync() => connection.CloseAsync();

    /// <summary>Sends frames without end, until the client breaks off.</summary>
    public async Task SendEndlesslyAsync(byte type, byte flags, int stream, byte[] payload)
    {
        var one = Frame(type, flags, stream, payload);
        var many = Enumerable.Repeat(one, Math.Max(1, 8192 / one.Length)).SelectMany(frame => frame).ToArray();
        try
        {
            while (true)
                await connection.SendAsync(many, stop);
        }
        catch (IOException)
        {
            // The client has had enough.
        }
    }

    private static byte[] Frame(byte type, byte flags, int stream, byte[] payload)
    {
        var frame = new byte[9 + payload.Length];
        frame[0] = (byte)(payload.Length >> 16);
        frame[1] = (byte)(payload.Length >> 8);
        frame[2] = (byte)payload.Length;
        frame[3] = type;
        frame[4] = flags;
        BinaryPrimitives.WriteInt32BigEndian(frame.AsSpan(5), stream);
        payload.CopyTo(frame, 9);
        return frame;
    }
}
