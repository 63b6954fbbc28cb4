using System.Buffers;
using System.Buffers.Binary;
using Codomyrmex.Networking.Ssh.Protocol;

namespace Codomyrmex.Networking.Ssh.Internal;

/// <summary>
/// A channel of a connection (RFC 4254, section 5): bytes and requests both ways, each direction with a window of its own. Thread-safe; writers take turns.
/// </summary>
internal sealed class SshChannel : IAsyncDisposable
{
    /// <summary>What stands before the bytes of a message of data: its number, the channel's, and how many there are.</summary>
    public const int DataHeader = 9;

    private readonly Multiplexer _connection;
    private readonly IChannelReader _reader;
    private readonly SendWindow _sendWindow = new();
    private readonly SemaphoreSlim _writing = new(1);
    // Nothing of this channel may follow its close: the server may have given its number to the next by then.
    private readonly Lock _sendLock = new();
    private readonly Lock _replyLock = new();
    private readonly Queue<TaskCompletionSource<bool>> _replies = new();
    private readonly TaskCompletionSource _opened = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _closed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly int _window;
    private uint _remote;
    private int _largestPacket;
    private long _receiveWindow;
    private int _consumed;
    private bool _sentClose;
    private bool _isRemoteClosed;
    private NetworkException? _end;

    public SshChannel(Multiplexer connection, uint local, Func<SshChannel, IChannelReader> makeReader, int window)
    {
        (_connection, Local, _window) = (connection, local, window);
        _receiveWindow = window;
        _reader = makeReader(this);
    }

    public uint Local { get; }

    public Endpoint Endpoint => _connection.Endpoint;

    public IChannelReader Reader => _reader;

    /// <summary>Done when the server has confirmed the channel; failed where it refused.</summary>
    public Task Opened => _opened.Task;

    /// <summary>Done when the channel is closed on both sides, or the connection is over.</summary>
    public Task Closed => _closed.Task;

    /// <summary>Sends bytes, and waits while the server takes none.</summary>
    public ValueTask WriteAsync(ReadOnlyMemory<byte> data, CancellationToken cancellationToken) => WriteAsync(data, default, isWhole: false, cancellationToken);

    /// <summary>Sends the bytes of one piece and then of another, with nothing of anybody else in between: all of them or none, so the token counts until the first has gone.</summary>
    public ValueTask WriteWholeAsync(ReadOnlyMemory<byte> data, ReadOnlyMemory<byte> more, CancellationToken cancellationToken) => WriteAsync(data, more, isWhole: true, cancellationToken);

    private async ValueTask WriteAsync(ReadOnlyMemory<byte> data, ReadOnlyMemory<byte> more, bool isWhole, CancellationToken cancellationToken)
    {
        await _writing.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            while (data.Length + more.Length > 0)
            {
                var count = await _sendWindow.TakeAsync(Math.Min(data.Length + more.Length, _largestPacket), cancellationToken).ConfigureAwait(false);
                try
                {
                    await _connection.WaitForRoomAsync(cancellationToken).ConfigureAwait(false);
                }
                catch (OperationCanceledException)
                {
                    _sendWindow.Add((uint)count);
                    throw;
                }
                // From here on without the token: what is counted against the window is sent.
                if (isWhole)
                    cancellationToken = CancellationToken.None;
                var packet = ArrayPool<byte>.Shared.Rent(DataHeader + count);
                packet[0] = MessageNumbers.ChannelData;
                BinaryPrimitives.WriteUInt32BigEndian(packet.AsSpan(1), _remote);
                BinaryPrimitives.WriteUInt32BigEndian(packet.AsSpan(5), (uint)count);
                var first = Math.Min(count, data.Length);
                data.Span[..first].CopyTo(packet.AsSpan(DataHeader));
                more.Span[..(count - first)].CopyTo(packet.AsSpan(DataHeader + first));
                (data, more) = (data[first..], more[(count - first)..]);
                lock (_sendLock)
                {
                    if (!_sentClose)
                    {
                        _connection.SendData(packet, DataHeader + count, _largestPacket);
                        continue;
                    }
                }
                _connection.GiveRoomBack(packet);
                throw Gone();
            }
        }
        finally
        {
            _writing.Release();
        }
    }

    /// <summary>Says that no more bytes will come from here.</summary>
    public async ValueTask EndWritingAsync(CancellationToken cancellationToken)
    {
        await _writing.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            SendUnlessClosed(MessageWriter.OfChannel(MessageNumbers.ChannelEof, _remote));
        }
        finally
        {
            _writing.Release();
        }
    }

    /// <summary>Asks something of the server and waits for yes or no.</summary>
    public Task<bool> AskAsync(string request, ReadOnlySpan<byte> data, CancellationToken cancellationToken)
    {
        var reply = new TaskCompletionSource<bool>(TaskCreationOptions.RunContinuationsAsynchronously);
        lock (_replyLock)
        {
            // Answers come in the order of the questions.
            if (_end is not null || !SendUnlessClosed(MessageWriter.ChannelRequest(_remote, request, wantsReply: true, data)))
                return Task.FromException<bool>(_end?.Again() ?? Gone());
            _replies.Enqueue(reply);
        }
        return reply.Task.WaitAsync(cancellationToken);
    }

    /// <summary>Tells the server something that it does not answer.</summary>
    public void Tell(string request, ReadOnlySpan<byte> data)
    {
        if (_end is null)
            SendUnlessClosed(MessageWriter.ChannelRequest(_remote, request, wantsReply: false, data));
    }

    /// <summary>Bytes that came have found their way: as many more may come.</summary>
    public void Consumed(int bytes)
    {
        var consumed = Interlocked.Add(ref _consumed, bytes);
        if (consumed < _window / 4 || Volatile.Read(ref _sentClose))
            return;
        consumed = Interlocked.Exchange(ref _consumed, 0);
        if (consumed == 0)
            return;
        Interlocked.Add(ref _receiveWindow, consumed);
        SendUnlessClosed(MessageWriter.WindowAdjust(_remote, (uint)consumed));
    }

    /// <summary>Closes the channel; does not wait for the server to do the same.</summary>
    public ValueTask DisposeAsync()
    {
        SendClose();
        return default;
    }

    /// <summary>The server has taken the channel on.</summary>
    public void Confirm(uint remote, uint window, uint largestPacket)
    {
        _remote = remote;
        // 35,000 bytes are what every side takes (RFC 4253, section 6.1); more than 64 KiB the engine does not.
        _largestPacket = (int)Math.Clamp(largestPacket, 1, 64 * 1024);
        _sendWindow.Add(window);
        _opened.TrySetResult();
    }

    public void Refuse(NetworkException error)
    {
        End(error);
        _opened.TrySetException(error);
    }

    public void OnWindowAdjust(uint bytes) => _sendWindow.Add(bytes);

    /// <summary>Hands bytes on; false where the server has sent more than it may.</summary>
    public bool OnData(ReadOnlySpan<byte> data, bool isError)
    {
        if (Interlocked.Add(ref _receiveWindow, -data.Length) < 0)
            return false;
        // What comes after our own close is nobody's.
        if (!Volatile.Read(ref _sentClose))
            _reader.Data(data, isError);
        return true;
    }

    /// <summary>Bytes that belong to no stream: they count, and are thrown away.</summary>
    public bool OnStrayData(ReadOnlySpan<byte> data)
    {
        if (Interlocked.Add(ref _receiveWindow, -data.Length) < 0)
            return false;
        Consumed(data.Length);
        return true;
    }

    public void OnEndOfData() => _reader.EndOfData();

    public void OnReply(bool isGranted)
    {
        TaskCompletionSource<bool>? reply;
        lock (_replyLock)
            _replies.TryDequeue(out reply);
        reply?.TrySetResult(isGranted);
    }

    public void OnRequest(string name, bool wantsReply, ReadOnlySpan<byte> data)
    {
        _reader.Request(name, data);
        // Nothing that a server could ask of a client needs a yes.
        if (wantsReply)
        {
            lock (_sendLock)
            {
                if (!_sentClose)
                    _connection.Answer(MessageWriter.OfChannel(MessageNumbers.ChannelFailure, _remote));
            }
        }
    }

    /// <summary>The server has closed the channel.</summary>
    public void OnClose()
    {
        _isRemoteClosed = true;
        SendClose();
        End(null);
    }

    /// <summary>The channel is over: the server closed it, or the connection is gone.</summary>
    public void End(NetworkException? error)
    {
        List<TaskCompletionSource<bool>> replies;
        lock (_replyLock)
        {
            if (_end is not null)
                return;
            _end = error ?? Gone();
            replies = [.. _replies];
            _replies.Clear();
        }
        foreach (var reply in replies)
            reply.TrySetException(_end.Again());
        _sendWindow.End(_end);
        _opened.TrySetException(_end.Again());
        _ = _opened.Task.Exception;
        _reader.Closed(error?.Again());
        _closed.TrySetResult();
    }

    private void SendClose()
    {
        lock (_sendLock)
        {
            if (_sentClose)
                return;
            _sentClose = true;
            if (_end is null || _isRemoteClosed)
                _connection.Send(MessageWriter.OfChannel(MessageNumbers.ChannelClose, _remote));
        }
        _sendWindow.End(Gone());
    }

    private bool SendUnlessClosed(byte[] message)
    {
        lock (_sendLock)
        {
            if (!_sentClose)
                _connection.Send(message);
            return !_sentClose;
        }
    }

    private NetworkException Gone() => new NetworkFailure
    {
        Code = ErrorCodes.SshChannel,
        Message = $"The channel of the connection to {Endpoint} is closed.",
        Phase = NetworkPhase.Send,
        Endpoint = Endpoint,
        WasSent = WasSent.Maybe,
    }.ToException();
}
