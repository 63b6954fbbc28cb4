using System.Globalization;

namespace Codomyrmex.Networking.Testing.Internal;

/// <summary>A response's body on its way: counted, chunked, until the close, or dropped because the request was HEAD.</summary>
internal sealed class ResponseBody(HttpConnection connection, ResponseFraming framing, long length, Fault? fault) : WriteOnlyStream
{
    private long _left = length;
    private long _sent;
    private Fault? _fault = fault;
    private bool _ended;

    /// <summary>Whether the answer was announced and then left incomplete.</summary>
    public bool IsShort => framing == ResponseFraming.Length && _left > 0;

    public override async ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        ObjectDisposedException.ThrowIf(_ended, this);
        if (buffer.IsEmpty || framing == ResponseFraming.None)
            return;
        if (framing == ResponseFraming.Length && buffer.Length > _left)
            throw new InvalidOperationException("The handler wrote more than the length that it announced.");
        _left -= buffer.Length;
        if (_fault is { After: { } after } due && _sent + buffer.Length > after)
        {
            _fault = null;
            buffer = await SufferAsync(due, buffer, (int)(after - _sent), cancellationToken).ConfigureAwait(false);
        }
        await SendAsync(buffer, cancellationToken).ConfigureAwait(false);
    }

    private async ValueTask SendAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken)
    {
        if (buffer.IsEmpty)
            return;
        _sent += buffer.Length;
        var io = connection.Io;
        if (framing == ResponseFraming.Chunked)
            await io.WriteAsync(buffer.Length.ToString("x", CultureInfo.InvariantCulture) + "\r\n", cancellationToken).ConfigureAwait(false);
        await io.WriteAsync(buffer, cancellationToken).ConfigureAwait(false);
        if (framing == ResponseFraming.Chunked)
            await io.WriteAsync("\r\n", cancellationToken).ConfigureAwait(false);
        await io.FlushAsync(cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Ends the body; calling it again does nothing.</summary>
    public async ValueTask EndAsync()
    {
        if (_ended)
            return;
        _ended = true;
        if (_fault is { Kind: not FaultKind.Corrupt } due)
            await connection.PlayAsync(due).ConfigureAwait(false);
        if (framing == ResponseFraming.Chunked)
            await connection.Io.WriteAsync("0\r\n\r\n").ConfigureAwait(false);
        await connection.Io.FlushAsync().ConfigureAwait(false);
    }

    /// <summary>Lets a fault happen within what is being written; gives what is then left to send.</summary>
    private async ValueTask<ReadOnlyMemory<byte>> SufferAsync(Fault due, ReadOnlyMemory<byte> buffer, int at, CancellationToken cancellationToken)
    {
        if (due.Kind == FaultKind.Corrupt)
        {
            var copy = buffer.ToArray();
            copy[at] ^= 0xFF;
            return copy;
        }
        await SendAsync(buffer[..at], cancellationToken).ConfigureAwait(false);
        await connection.PlayAsync(due).ConfigureAwait(false);
        return buffer[at..];
    }

    public override async ValueTask DisposeAsync()
    {
        await EndAsync().ConfigureAwait(false);
        await base.DisposeAsync().ConfigureAwait(false);
    }
}
