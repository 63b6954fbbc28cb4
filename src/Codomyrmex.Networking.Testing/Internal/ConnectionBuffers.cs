using System.Net.Security;
using System.Net.Sockets;
using System.Text;

namespace Codomyrmex.Networking.Testing.Internal;

/// <summary>The bytes of a connection: one buffer in, one buffer out, over a socket or a TLS stream.</summary>
internal sealed class ConnectionBuffers(Socket socket)
{
    private Stream? _stream;
    private byte[] _in = GC.AllocateUninitializedArray<byte>(8192);
    private byte[] _out = GC.AllocateUninitializedArray<byte>(8192);
    private int _start, _end, _pending;

    /// <summary>Whether the peer is gone, or we let it go.</summary>
    public bool IsBroken { get; private set; }

    public ReadOnlySpan<byte> Unread => _in.AsSpan(_start, _end - _start);

    public void Use(Stream stream) => _stream = stream;

    public void Skip(int count)
    {
        _start += count;
        if (_start == _end)
            _start = _end = 0;
    }

    /// <summary>Reads more behind <see cref="Unread"/>; false at the end. What waits to go out goes first.</summary>
    public async ValueTask<bool> FillAsync(CancellationToken cancellationToken = default)
    {
        if (_pending > 0)
            await FlushAsync(cancellationToken).ConfigureAwait(false);
        if (_end == _in.Length)
        {
            if (_start > 0)
                _in.AsSpan(_start, _end - _start).CopyTo(_in);
            else
                Array.Resize(ref _in, _in.Length * 2);
            (_start, _end) = (0, _end - _start);
        }
        var read = await ReceiveAsync(_in.AsMemory(_end), cancellationToken).ConfigureAwait(false);
        _end += read;
        return read > 0;
    }

    /// <summary>Reads what is buffered, or from the wire straight into the caller's memory.</summary>
    public async ValueTask<int> ReadAsync(Memory<byte> destination, CancellationToken cancellationToken)
    {
        if (_start < _end)
        {
            var count = Math.Min(destination.Length, _end - _start);
            _in.AsSpan(_start, count).CopyTo(destination.Span);
            Skip(count);
            return count;
        }
        if (_pending > 0)
            await FlushAsync(cancellationToken).ConfigureAwait(false);
        return await ReceiveAsync(destination, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Puts bytes into the buffer, sending what does not fit.</summary>
    public async ValueTask WriteAsync(ReadOnlyMemory<byte> data, CancellationToken cancellationToken = default)
    {
        if (data.Length > _out.Length - _pending)
            await FlushAsync(cancellationToken).ConfigureAwait(false);
        if (data.Length > _out.Length)
        {
            await SendAsync(data, cancellationToken).ConfigureAwait(false);
            return;
        }
        data.Span.CopyTo(_out.AsSpan(_pending));
        _pending += data.Length;
    }

    public ValueTask WriteAsync(string text, CancellationToken cancellationToken = default)
    {
        if (text.Length > _out.Length - _pending)
            return WriteAsync(Encoding.Latin1.GetBytes(text), cancellationToken);
        _pending += Encoding.Latin1.GetBytes(text, _out.AsSpan(_pending));
        return ValueTask.CompletedTask;
    }

    /// <summary>Writes a prebuilt answer with today's date.</summary>
    public ValueTask WriteAsync(StaticResponse answer, bool headOnly, DateHeader date)
    {
        var length = headOnly ? answer.HeadLength : answer.Bytes.Length;
        if (length > _out.Length - _pending)
            return WriteLargeAsync(answer, headOnly, date);
        answer.Bytes.AsSpan(0, length).CopyTo(_out.AsSpan(_pending));
        date.CopyTo(_out.AsSpan(_pending + answer.DateOffset));
        _pending += length;
        return ValueTask.CompletedTask;
    }

    public async ValueTask FlushAsync(CancellationToken cancellationToken = default)
    {
        if (_pending == 0)
            return;
        var count = _pending;
        _pending = 0;
        await SendAsync(_out.AsMemory(0, count), cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Sends what waits, then ends our side, with TLS's own goodbye where there is TLS.</summary>
    public async ValueTask CloseAsync()
    {
        try
        {
            await FlushAsync().ConfigureAwait(false);
            if (_stream is SslStream tls)
                await tls.ShutdownAsync().ConfigureAwait(false);
            else
                socket.Shutdown(SocketShutdown.Send);
        }
        catch (Exception error) when (error is IOException or SocketException or ObjectDisposedException or InvalidOperationException)
        {
            IsBroken = true;
        }
    }

    public void Break() => IsBroken = true;

    private async ValueTask WriteLargeAsync(StaticResponse answer, bool headOnly, DateHeader date)
    {
        var bytes = (headOnly ? answer.Bytes.AsSpan(0, answer.HeadLength) : answer.Bytes).ToArray();
        date.CopyTo(bytes.AsSpan(answer.DateOffset));
        await WriteAsync(bytes).ConfigureAwait(false);
    }

    private ValueTask<int> ReceiveAsync(Memory<byte> destination, CancellationToken cancellationToken)
    {
        var receiving = _stream is null
            ? socket.ReceiveAsync(destination, SocketFlags.None, cancellationToken)
            : _stream.ReadAsync(destination, cancellationToken);
        return receiving.IsCompletedSuccessfully ? receiving : WatchAsync(receiving);
    }

    private async ValueTask<int> WatchAsync(ValueTask<int> receiving)
    {
        try
        {
            return await receiving.ConfigureAwait(false);
        }
        catch (Exception error) when (error is not OperationCanceledException)
        {
            IsBroken = true;
            throw;
        }
    }

    private async ValueTask SendAsync(ReadOnlyMemory<byte> data, CancellationToken cancellationToken)
    {
        try
        {
            if (_stream is not null)
            {
                await _stream.WriteAsync(data, cancellationToken).ConfigureAwait(false);
                return;
            }
            while (data.Length > 0)
            {
                var sent = await socket.SendAsync(data, SocketFlags.None, cancellationToken).ConfigureAwait(false);
                data = data[sent..];
            }
        }
        catch (Exception)
        {
            // A write that was cancelled half-way leaves the connection without a boundary.
            IsBroken = true;
            throw;
        }
    }
}
