using System.Buffers.Binary;
using System.Globalization;
using System.IO.Compression;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Text;

namespace Codomyrmex.Networking.Benchmarks.WebSockets;

/// <summary>
/// The other side of the suite: a WebSocket server that does as little as it can, in blocking calls, so that the client is what is measured. By the path of the URL
/// it floods (<c>/flood/64</c>, <c>/flood/64/deflate</c>), counts what it is sent (<c>/sink</c>), or echoes (<c>/echo</c>).
/// </summary>
internal sealed class FrameServer
{
    private const string Guid = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
    private readonly Socket _listener = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);

    /// <summary>Serves for ever; prints its port first.</summary>
    public static int Run()
    {
        new FrameServer().Serve();
        return 0;
    }

    private void Serve()
    {
        _listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        _listener.Listen(4096);
        Console.WriteLine(((IPEndPoint)_listener.LocalEndPoint!).Port);
        while (true)
        {
            var socket = _listener.Accept();
            socket.NoDelay = true;
            new Thread(() => Converse(socket), 256 * 1024) { IsBackground = true }.Start();
        }
    }

    private static void Converse(Socket socket)
    {
        try
        {
            using (socket)
            {
                var (path, offersDeflate) = ShakeHands(socket);
                var parts = path.Trim('/').Split('/');
                switch (parts[0])
                {
                    case "flood":
                        Flood(socket, int.Parse(parts[1], CultureInfo.InvariantCulture), offersDeflate);
                        break;
                    case "sink":
                        Sink(socket);
                        break;
                    default:
                        Echo(socket);
                        break;
                }
            }
        }
        catch (SocketException)
        {
            // The client has what it wanted.
        }
    }

    private static (string Path, bool OffersDeflate) ShakeHands(Socket socket)
    {
        var bytes = new byte[8192];
        var count = 0;
        string text;
        do
        {
            count += socket.Receive(bytes.AsSpan(count));
            text = Encoding.ASCII.GetString(bytes, 0, count);
        }
        while (!text.EndsWith("\r\n\r\n", StringComparison.Ordinal));
        var lines = text.Split("\r\n");
        string? Field(string name) => lines.FirstOrDefault(line => line.StartsWith(name + ":", StringComparison.OrdinalIgnoreCase))?[(name.Length + 1)..].Trim();
        var accept = Convert.ToBase64String(SHA1.HashData(Encoding.ASCII.GetBytes(Field("Sec-WebSocket-Key") + Guid)));
        var deflate = Field("Sec-WebSocket-Extensions")?.Contains("permessage-deflate", StringComparison.Ordinal) == true;
        var extension = deflate ? "Sec-WebSocket-Extensions: permessage-deflate; server_no_context_takeover\r\n" : "";
        socket.Send(Encoding.ASCII.GetBytes($"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: {accept}\r\n{extension}\r\n"));
        return (lines[0].Split(' ')[1], deflate);
    }

    private static void Flood(Socket socket, int size, bool deflate)
    {
        var payload = Payload(size);
        if (deflate)
        {
            using var sink = new MemoryStream();
            using var stream = new DeflateStream(sink, CompressionLevel.Fastest);
            stream.Write(payload);
            stream.Flush();
            payload = sink.ToArray()[..^4];
        }
        var frame = Frame(payload, deflate);
        var copies = Math.Max(1, 256 * 1024 / frame.Length);
        var block = new byte[copies * frame.Length];
        for (var i = 0; i < copies; i++)
            frame.CopyTo(block, i * frame.Length);
        // A client that has been there for long says so (a pong); anything else is its farewell.
        var said = new byte[256];
        while (socket.Available == 0 || (socket.Receive(said) > 0 && (said[0] & 0x0f) == 10))
            socket.Send(block);
    }

    // Counts messages until a text comes, and answers with the number.
    private static void Sink(Socket socket)
    {
        var buffer = new byte[1024 * 1024];
        var (start, end, messages, skip) = (0, 0, 0L, 0L);
        while (true)
        {
            var received = socket.Receive(buffer.AsSpan(end));
            if (received == 0)
                return;
            end += received;
            while (true)
            {
                var leap = (int)Math.Min(skip, end - start);
                start += leap;
                skip -= leap;
                if (skip > 0 || end - start < 14)
                {
                    if (skip > 0 || !IsShort(buffer.AsSpan(start, end - start)))
                        break;
                }
                var opcode = buffer[start] & 0x0f;
                long length = buffer[start + 1] & 0x7f;
                var head = 2;
                if (length == 126)
                    (length, head) = (BinaryPrimitives.ReadUInt16BigEndian(buffer.AsSpan(start + 2)), 4);
                else if (length == 127)
                    (length, head) = (BinaryPrimitives.ReadInt64BigEndian(buffer.AsSpan(start + 2)), 10);
                if (opcode == 8)
                    return;
                start += head + 4;
                skip = length;
                if (opcode is not (1 or 2))
                    continue;
                if (opcode == 1)
                {
                    socket.Send(Frame(Encoding.ASCII.GetBytes(messages.ToString(CultureInfo.InvariantCulture)), false));
                    messages = 0;
                    continue;
                }
                messages++;
            }
            if (start == end)
                (start, end) = (0, 0);
            else if (buffer.Length - end < 64 * 1024)
            {
                buffer.AsSpan(start, end - start).CopyTo(buffer);
                (start, end) = (0, end - start);
            }
        }
    }

    // Whether a whole head stands in less than the longest one.
    private static bool IsShort(ReadOnlySpan<byte> bytes) => bytes.Length >= 2 && (bytes[1] & 0x7f) switch
    {
        126 => bytes.Length >= 8,
        127 => bytes.Length >= 14,
        _ => bytes.Length >= 6,
    };

    private static void Echo(Socket socket)
    {
        var buffer = new byte[4096];
        var end = 0;
        while (true)
        {
            var received = socket.Receive(buffer.AsSpan(end));
            if (received == 0)
                return;
            end += received;
            var length = buffer[1] & 0x7f;
            if (end < 6 + length)
                continue;
            if ((buffer[0] & 0x0f) == 8)
                return;
            var payload = buffer.AsSpan(6, length).ToArray();
            for (var i = 0; i < length; i++)
                payload[i] ^= buffer[2 + (i & 3)];
            buffer.AsSpan(6 + length, end - 6 - length).CopyTo(buffer);
            end -= 6 + length;
            socket.Send(Frame(payload, false));
        }
    }

    private static byte[] Frame(byte[] payload, bool isCompressed)
    {
        var head = new byte[10];
        head[0] = (byte)(0x82 | (isCompressed ? 0x40 : 0));
        var size = 2;
        if (payload.Length < 126)
        {
            head[1] = (byte)payload.Length;
        }
        else if (payload.Length <= ushort.MaxValue)
        {
            head[1] = 126;
            BinaryPrimitives.WriteUInt16BigEndian(head.AsSpan(2), (ushort)payload.Length);
            size = 4;
        }
        else
        {
            head[1] = 127;
            BinaryPrimitives.WriteInt64BigEndian(head.AsSpan(2), payload.Length);
            size = 10;
        }
        return [.. head.AsSpan(0, size), .. payload];
    }

    /// <summary>What every message carries: text of the kind that services send.</summary>
    public static byte[] Payload(int size)
    {
        var pattern = """{"channel":"trades","symbol":"BTC-EUR","price":64123.5,"size":0.01,"id":4711}"""u8;
        var payload = new byte[size];
        for (var i = 0; i < size; i++)
            payload[i] = pattern[i % pattern.Length];
        return payload;
    }
}
