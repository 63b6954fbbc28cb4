using System.Net.Sockets;
using System.Text;

namespace Codomyrmex.Networking.Testing.Internal;

/// <summary>A recorded body, part by part, at its own pace where that is asked for.</summary>
internal sealed class PlayedStream(CassetteAnswer answer, CassetteOptions options) : ReadOnlyStream
{
    private int _next;
    private int _played;
    private ReadOnlyMemory<byte> _part;

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        while (_part.IsEmpty && _next < answer.Body?.Count)
        {
            var part = answer.Body[_next++];
            if (options.KeepTiming && part.AfterMs is > 0 and var wait)
                await Task.Delay(TimeSpan.FromMilliseconds(wait), options.Clock, cancellationToken).ConfigureAwait(false);
            _part = part.Text is { } text ? Encoding.UTF8.GetBytes(text) : Convert.FromBase64String(part.Base64 ?? "");
        }
        var room = Math.Min(buffer.Length, options.ResetAfter - _played ?? int.MaxValue);
        if (room == 0 && buffer.Length > 0)
            throw new IOException("The cassette breaks the connection as it was told to.", new SocketException((int)SocketError.ConnectionReset));
        var count = Math.Min(room, _part.Length);
        if (count == 0 && answer.Broke is { } broke)
            throw new NetworkFailure { Code = broke.Code, Message = broke.Message }.ToException();
        _part[..count].CopyTo(buffer);
        _part = _part[count..];
        _played += count;
        return count;
    }
}
