using System.Text;
using Codomyrmex.Networking.Rpc.Protocol;

namespace Codomyrmex.Networking.Rpc.Internal;

/// <summary>Takes a client's request for a WebSocket, and answers it.</summary>
internal static class UpgradeReader
{
    /// <summary>Reads the request and lets the client in.</summary>
    /// <returns>Whether it was; whoever was not has been told why.</returns>
    public static async Task<bool> AcceptAsync(Stream stream, string path, IReadOnlyList<string> origins, CancellationToken cancellationToken)
    {
        UpgradeRequest request;
        try
        {
            request = await ReadAsync(stream, cancellationToken).ConfigureAwait(false);
        }
        catch (FormatException)
        {
            await AnswerAsync(stream, "400 Bad Request", cancellationToken).ConfigureAwait(false);
            return false;
        }
        // A browser says which page asks; agents say nothing. A page must not speak for the person who looks at it (RFC 6455, section 10.2).
        if (request.Origin is { } origin && !origins.Contains(origin, StringComparer.OrdinalIgnoreCase))
        {
            await AnswerAsync(stream, "403 Forbidden", cancellationToken).ConfigureAwait(false);
            return false;
        }
        if (request.Target != path)
        {
            await AnswerAsync(stream, "404 Not Found", cancellationToken).ConfigureAwait(false);
            return false;
        }
        await WriteAsync(stream, $"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: {request.Accept}\r\n\r\n", cancellationToken).ConfigureAwait(false);
        return true;
    }

    private static async Task<UpgradeRequest> ReadAsync(Stream stream, CancellationToken cancellationToken)
    {
        var buffer = new byte[UpgradeRequest.MaxHead];
        for (var count = 0; ;)
        {
            var read = await stream.ReadAsync(buffer.AsMemory(count), cancellationToken).ConfigureAwait(false);
            if (read == 0)
                throw new EndOfStreamException("The client left before it had asked for anything.");
            count += read;
            var length = UpgradeRequest.LengthOfHead(buffer.AsSpan(0, count));
            if (length == 0)
                continue;
            // Nothing may follow before the answer (RFC 6455, section 4.1).
            return length == count ? UpgradeRequest.Read(buffer.AsSpan(0, length)) : throw new FormatException("something follows the head");
        }
    }

    private static Task AnswerAsync(Stream stream, string status, CancellationToken cancellationToken) =>
        WriteAsync(stream, $"HTTP/1.1 {status}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n", cancellationToken);

    private static async Task WriteAsync(Stream stream, string text, CancellationToken cancellationToken)
    {
        await stream.WriteAsync(Encoding.ASCII.GetBytes(text), cancellationToken).ConfigureAwait(false);
        await stream.FlushAsync(cancellationToken).ConfigureAwait(false);
    }
}
