using System.Collections.Concurrent;
using System.Text;
using Codomyrmex.Networking.Ssh.Protocol;

namespace Codomyrmex.Networking.Tests.Unit.Ssh.Hostile;

/// <summary>An SFTP server over a <see cref="HostilePeer"/>'s channel that answers as a test wants: it has one directory and one file, as far as anybody asks.</summary>
internal sealed class SftpPeer(HostilePeer peer)
{
    private const uint RegularFile = 0x81A4;
    private const uint Directory = 0x41ED;

    private readonly List<byte> _received = [];
    private uint _channel;

    /// <summary>The names that a directory has, each with whether it is one.</summary>
    public (string Name, bool IsDirectory)[] Names { get; init; } = [];

    /// <summary>How long the file is said to be.</summary>
    public long StatedSize { get; init; } = 100_000;

    /// <summary>The file's bytes from an offset, at most as many as asked for; empty for its end.</summary>
    public Func<long, int, byte[]> Read { get; init; } = static (_, _) => [];

    /// <summary>How many bytes it takes before it opens its window again, which it never does by itself.</summary>
    public uint Window { get; init; } = 1 << 20;

    /// <summary>Everything that was asked of it: the kind, and what follows the number.</summary>
    public ConcurrentQueue<(byte Kind, byte[] Arguments)> Asked { get; } = new();

    /// <summary>The channel, by the client's number.</summary>
    public uint Channel => _channel;

    /// <summary>What to refuse with a plain failure.</summary>
    public Func<byte, byte[], bool> Refuses { get; init; } = static (_, _) => false;

    /// <summary>What to do instead of answering a request, by its kind; false to answer it as usual.</summary>
    public Func<byte, uint, Task<bool>> Instead { get; init; } = static (_, _) => Task.FromResult(false);

    /// <summary>Serves until the client closes the session, or leaves.</summary>
    public async Task ServeAsync()
    {
        _channel = await peer.AcceptCommandAsync(Window);
        while (await RequestAsync() is { } request)
            await AnswerAsync(request);
        await peer.SendAsync(new WireWriter().Byte(97).UInt32(_channel));
    }

    public ValueTask ReplyAsync(WireWriter packet) => peer.SendDataAsync(_channel, new WireWriter().String(packet.Written).Written);

    private async Task<byte[]?> RequestAsync()
    {
        while (_received.Count < 4 || _received.Count < 4 + Length())
        {
            var payload = await peer.ReceiveAsync();
            if (payload[0] == 97)
                return null;
            if (payload[0] == 94)
                _received.AddRange(payload.AsSpan(9));
        }
        var request = _received.GetRange(4, Length()).ToArray();
        _received.RemoveRange(0, 4 + request.Length);
        return request;
    }

    private int Length() => (_received[0] << 24) | (_received[1] << 16) | (_received[2] << 8) | _received[3];

    private async Task AnswerAsync(byte[] request)
    {
        var kind = request[0];
        if (kind == 1)
        {
            await ReplyAsync(new WireWriter().Byte(2).UInt32(3));
            return;
        }
        var (id, rest) = Head(request);
        Asked.Enqueue((kind, rest));
        if (await Instead(kind, id))
            return;
        if (Refuses(kind, rest))
        {
            await StatusAsync(id, 4);
            return;
        }
        switch (kind)
        {
            case 3 or 11:
                await ReplyAsync(new WireWriter().Byte(102).UInt32(id).Text(kind == 3 ? "file" : "dir"));
                break;
            case 5:
                await ReadAsync(id, rest);
                break;
            case 7 or 8 or 17:
                var isDirectory = Encoding.UTF8.GetString(rest).Contains("dir", StringComparison.Ordinal) && !Encoding.UTF8.GetString(rest).Contains("file", StringComparison.Ordinal);
                await ReplyAsync(Attributes(new WireWriter().Byte(105).UInt32(id), isDirectory, StatedSize));
                break;
            case 12 when !_isListed:
                _isListed = true;
                var names = new WireWriter().Byte(104).UInt32(id).UInt32((uint)Names.Length);
                foreach (var (name, isFolder) in Names)
                    Attributes(names.Text(name).Text(name), isFolder, 3);
                await ReplyAsync(names);
                break;
            case 12:
                _isListed = false;
                await StatusAsync(id, 1);
                break;
            default:
                await StatusAsync(id, kind == 200 ? 8u : 0u);
                break;
        }
    }

    private bool _isListed;

    private async Task ReadAsync(uint id, byte[] rest)
    {
        var (offset, count) = Range(rest);
        var bytes = Read(offset, count);
        if (bytes.Length == 0)
            await StatusAsync(id, 1);
        else
            await ReplyAsync(new WireWriter().Byte(103).UInt32(id).String(bytes));
    }

    private ValueTask StatusAsync(uint id, uint code) => ReplyAsync(new WireWriter().Byte(101).UInt32(id).UInt32(code).Text("as asked").Text(""));

    private static (uint Id, byte[] Arguments) Head(byte[] request)
    {
        var reader = new WireReader(request.AsSpan(1));
        return (reader.UInt32(), request[5..]);
    }

    private static (long Offset, int Count) Range(byte[] rest)
    {
        var reader = new WireReader(rest);
        _ = reader.String();
        return ((long)reader.UInt64(), (int)reader.UInt32());
    }

    private static WireWriter Attributes(WireWriter writer, bool isDirectory, long size) =>
        writer.UInt32(1 | 4).UInt32((uint)(size >> 32)).UInt32((uint)size).UInt32(isDirectory ? Directory : RegularFile);
}
