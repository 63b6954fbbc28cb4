using System.Buffers.Binary;
using System.Collections.Concurrent;
using Codomyrmex.Networking.Ssh.Protocol;

namespace Codomyrmex.Networking.Ssh.Internal;

/// <summary>
/// The SFTP protocol over a channel: requests out, answers to whoever waits for them, in any order and any number at a time. What is asked for bounds what comes, so the channel's window
/// is given back at once. Thread-safe.
/// </summary>
internal sealed class SftpConnection : IChannelReader, IAsyncDisposable
{
    public const int Window = 16 * 1024 * 1024;

    private const int Header = 13; // length, type, number, length of the data
    private const int LargestAnswer = 1024 * 1024;

    // What tidying up may wait for a server that says nothing.
    private static readonly TimeSpan LongestFarewell = TimeSpan.FromSeconds(5);

    private readonly SshChannel _channel;
    private readonly SemaphoreSlim _places;
    private readonly Timeouts _timeouts;
    private readonly TimeProvider _clock;
    private readonly ConcurrentDictionary<uint, SftpReply> _waiting = new();
    private readonly ConcurrentQueue<SftpReply> _spare = new();
    private readonly TaskCompletionSource<byte[]> _greeting = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly byte[] _head = new byte[Header];
    private byte[] _body = [];
    private int _headCount;
    private int _bodyCount;
    private int _bodyLength;
    private bool _isAtData;
    private SftpReply? _reading;
    private uint _readingNumber;
    private NetworkException? _end;
    private uint _lastNumber;
    private int _heard;
    private int _longAsked;
    private long _shortest = long.MaxValue;

    public SftpConnection(SshChannel channel, SemaphoreSlim places, Timeouts timeouts, TimeProvider clock) =>
        (_channel, _places, _timeouts, _clock) = (channel, places, timeouts, clock);

    public Endpoint Endpoint => _channel.Endpoint;

    public bool IsOpen => Volatile.Read(ref _end) is null;

    /// <summary>The extensions that the server names.</summary>
    public IReadOnlyDictionary<string, string> Extensions { get; private set; } = new Dictionary<string, string>();

    public SftpLimits Limits { get; private set; } = new(32 * 1024, 32 * 1024, 0);

    /// <summary>The shortest time that an answer has taken: how far away the server is, and little else.</summary>
    public TimeSpan RoundTrip => new(Volatile.Read(ref _shortest));

    /// <summary>Agrees on the version, and asks what the server can.</summary>
    public async Task GreetAsync(CancellationToken cancellationToken)
    {
        await _channel.WriteAsync(new WireWriter().UInt32(5).Byte(SftpNumbers.Init).UInt32(3).ToArray(), cancellationToken).ConfigureAwait(false);
        var (version, extensions) = ReadGreeting(await _greeting.Task.WaitAsync(cancellationToken).ConfigureAwait(false));
        if (version < 3)
            throw SftpFailure.Malformed(Endpoint, $"it speaks version {version} of the protocol, and 3 is the least.", null);
        Extensions = extensions;
        if (extensions.ContainsKey(SftpNumbers.Limits))
            Limits = ReadLimits(await AskAsync(new SftpRequest(SftpNumbers.Extended).Text(SftpNumbers.Limits), cancellationToken).ConfigureAwait(false));
    }

    /// <summary>Sends a request and waits for its answer: a type and a body.</summary>
    /// <exception cref="NetworkTimeoutException">The server said nothing at all for <see cref="Timeouts.FirstByte"/>; the session is over.</exception>
    public async Task<(byte Type, byte[] Body)> AskAsync(SftpRequest request, CancellationToken cancellationToken)
    {
        if (!request.IsLong)
            return await WaitAsync(ExchangeAsync(request, cancellationToken), _timeouts.FirstByte, SftpFailure.Silent, cancellationToken).ConfigureAwait(false);
        Interlocked.Increment(ref _longAsked);
        try
        {
            return await WaitAsync(ExchangeAsync(request, cancellationToken), Timeout.InfiniteTimeSpan, SftpFailure.Silent, cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            Interlocked.Decrement(ref _longAsked);
        }
    }

    /// <summary>
    /// Has something taken away that is not needed any more. That it stays is no error; but a server that does not answer this soon will answer nothing, and the session is over.
    /// </summary>
    public async Task TidyAsync(SftpRequest request)
    {
        try
        {
            var limit = _timeouts.FirstByte < LongestFarewell && _timeouts.FirstByte > TimeSpan.Zero ? _timeouts.FirstByte : LongestFarewell;
            await WaitAsync(ExchangeAsync(request, CancellationToken.None), limit, SftpFailure.Silent, CancellationToken.None).ConfigureAwait(false);
        }
        catch (NetworkException)
        {
            // It is gone with the session, or a later run does without it.
        }
    }

    /// <summary>Waits for bytes to have moved. Given up, the work goes on by itself: what it reads from or writes to must be its own.</summary>
    /// <exception cref="NetworkTimeoutException">The server said nothing at all for <see cref="Timeouts.Idle"/>; the session is over.</exception>
    public Task<T> WithinIdleAsync<T>(Task<T> work, CancellationToken cancellationToken) => WaitAsync(work, _timeouts.Idle, SftpIdle.Failure, cancellationToken);

    /// <summary>Sends a request for bytes of a file. They arrive in the destination, which belongs to the reply until it is complete.</summary>
    public async ValueTask<SftpReply> BeginReadAsync(byte[] handle, long offset, Memory<byte> destination, CancellationToken cancellationToken)
    {
        var reply = Rent(destination);
        await SendAsync(new SftpRequest(SftpNumbers.Read).String(handle).UInt64((ulong)offset).UInt32((uint)destination.Length), default, reply, cancellationToken).ConfigureAwait(false);
        return reply;
    }

    /// <summary>Sends bytes for a file. They have been sent when it returns.</summary>
    public async ValueTask<SftpReply> BeginWriteAsync(byte[] handle, long offset, ReadOnlyMemory<byte> data, CancellationToken cancellationToken)
    {
        var reply = Rent(default);
        await SendAsync(new SftpRequest(SftpNumbers.Write).String(handle).UInt64((ulong)offset).UInt32((uint)data.Length), data, reply, cancellationToken).ConfigureAwait(false);
        return reply;
    }

    /// <summary>Gives a reply back that is complete and was read.</summary>
    public void Return(SftpReply reply) => _spare.Enqueue(reply);

    public void Data(ReadOnlySpan<byte> data, bool isError)
    {
        _channel.Consumed(data.Length);
        // A server may complain on standard error; nothing of the protocol is there.
        if (isError || _end is not null)
            return;
        Interlocked.Increment(ref _heard);
        try
        {
            while (!data.IsEmpty)
                Take(ref data);
        }
        catch (FormatException malformed)
        {
            End(SftpFailure.Malformed(Endpoint, malformed.Message, malformed));
        }
    }

    public void EndOfData() => Fail(SftpFailure.Ended(Endpoint));

    public void Request(string name, ReadOnlySpan<byte> data)
    {
    }

    public void Closed(NetworkException? error)
    {
        _places.Release();
        Fail(error ?? SftpFailure.Ended(Endpoint));
    }

    public ValueTask DisposeAsync()
    {
        End(SftpFailure.Closed(Endpoint));
        return default;
    }

    private async Task<(byte Type, byte[] Body)> ExchangeAsync(SftpRequest request, CancellationToken cancellationToken)
    {
        var reply = Rent(default);
        var askedAt = _clock.GetTimestamp();
        await SendAsync(request, default, reply, cancellationToken).ConfigureAwait(false);
        // From here on without the token: an answer that nobody waits for any more comes all the same.
        await reply.Task.ConfigureAwait(false);
        // Of two that write at once one may be lost: it is a measure, no count.
        _shortest = Math.Min(_shortest, _clock.GetElapsedTime(askedAt).Ticks);
        var answer = (reply.Type, reply.Body);
        _spare.Enqueue(reply);
        return answer;
    }

    /// <summary>The one place where a server is waited for.</summary>
    private async Task<T> WaitAsync<T>(Task<T> work, TimeSpan limit, Func<Endpoint, TimeSpan, NetworkException> silent, CancellationToken cancellationToken)
    {
        while (true)
        {
            var heard = Volatile.Read(ref _heard);
            try
            {
                return await work.WaitAsync(limit, _clock, cancellationToken).ConfigureAwait(false);
            }
            catch (TimeoutException)
            {
                // It works for others of this session, or at something that takes its time: servers do one thing after the other.
                if (heard != Volatile.Read(ref _heard) || Volatile.Read(ref _longAsked) > 0)
                    continue;
                Forget(work);
                End(silent(Endpoint, limit));
                throw silent(Endpoint, limit);
            }
            catch (OperationCanceledException)
            {
                Forget(work);
                throw;
            }
        }
    }

    // How it fails is nobody's business any more.
    private static void Forget(Task work) =>
        _ = work.ContinueWith(static work => work.Exception, CancellationToken.None, TaskContinuationOptions.OnlyOnFaulted | TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);

    private async ValueTask<uint> SendAsync(SftpRequest request, ReadOnlyMemory<byte> data, SftpReply reply, CancellationToken cancellationToken)
    {
        var number = Interlocked.Increment(ref _lastNumber);
        _waiting[number] = reply;
        if (Volatile.Read(ref _end) is { } end)
        {
            _waiting.TryRemove(number, out _);
            throw end.Again();
        }
        try
        {
            await _channel.WriteWholeAsync(request.Finish(number, data.Length), data, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception error)
        {
            _waiting.TryRemove(number, out _);
            // That the channel is closed says less than why.
            if (error is NetworkException && Volatile.Read(ref _end) is { } why)
                throw why.Again();
            throw;
        }
        return number;
    }

    private SftpReply Rent(Memory<byte> destination)
    {
        if (!_spare.TryDequeue(out var reply))
            reply = new SftpReply();
        reply.Reset(destination);
        return reply;
    }

    /// <summary>Takes from what came: a head, then a body, or bytes of a file straight to their place.</summary>
    private void Take(ref ReadOnlySpan<byte> data)
    {
        if (_isAtData)
        {
            var room = _reading!.Destination.Span[_reading.Count..];
            var count = Math.Min(data.Length, _bodyLength - _bodyCount);
            data[..count].CopyTo(room);
            _reading.Count += count;
            _bodyCount += count;
            data = data[count..];
            if (_bodyCount == _bodyLength)
                FinishData(_reading);
            return;
        }
        if (_body.Length > 0)
        {
            var count = Math.Min(data.Length, _bodyLength - _bodyCount);
            data[..count].CopyTo(_body.AsSpan(_bodyCount));
            _bodyCount += count;
            data = data[count..];
            if (_bodyCount == _bodyLength)
                FinishBody();
            return;
        }
        // Type and number first: they tell what the rest is.
        var wanted = _headCount >= 5 && _head[4] == SftpNumbers.Data ? Header : 9;
        var taken = Math.Min(data.Length, wanted - _headCount);
        data[..taken].CopyTo(_head.AsSpan(_headCount));
        _headCount += taken;
        data = data[taken..];
        if (_headCount == 9 && _head[4] != SftpNumbers.Data)
            BeginBody();
        else if (_headCount == Header)
            BeginData();
    }

    private void BeginBody()
    {
        var length = BinaryPrimitives.ReadUInt32BigEndian(_head);
        if (length is < 5 or > LargestAnswer)
            throw new FormatException($"An answer of {length} bytes.");
        (_bodyLength, _bodyCount) = ((int)length - 5, 0);
        if (_bodyLength == 0)
            FinishBody();
        else
            _body = new byte[_bodyLength];
    }

    private void BeginData()
    {
        var length = BinaryPrimitives.ReadUInt32BigEndian(_head);
        var count = BinaryPrimitives.ReadUInt32BigEndian(_head.AsSpan(9));
        _readingNumber = BinaryPrimitives.ReadUInt32BigEndian(_head.AsSpan(5));
        // It stays among those who wait until its last byte is there: the connection may end before.
        if (!_waiting.TryGetValue(_readingNumber, out _reading))
            throw new FormatException("Bytes that nobody asked for.");
        if (length != (ulong)count + 9 || count > LargestAnswer || (count > _reading.Destination.Length && !_reading.Destination.IsEmpty))
        {
            throw new FormatException($"{count} bytes came where {_reading.Destination.Length} were asked for.");
        }
        // Whoever asked has given up: the bytes are thrown away.
        if (_reading.Destination.IsEmpty)
            _reading.Destination = new byte[count];
        (_bodyLength, _bodyCount, _isAtData) = ((int)count, 0, true);
        if (count == 0)
            FinishData(_reading);
    }

    private void FinishData(SftpReply reply)
    {
        // Whoever has taken it away meanwhile has told those who wait.
        if (_waiting.TryRemove(KeyValuePair.Create(_readingNumber, reply)))
        {
            Finish(reply, SftpNumbers.Data);
            return;
        }
        _waiting.TryRemove(_readingNumber, out _);
        (_headCount, _isAtData, _reading) = (0, false, null);
    }

    private void FinishBody()
    {
        var (type, body) = (_head[4], _body);
        _body = [];
        if (type == SftpNumbers.Version)
        {
            _headCount = 0;
            // It has no number: what was read as one is the version.
            _greeting.TrySetResult([.. _head.AsSpan(5, 4), .. body]);
            return;
        }
        if (!_waiting.TryRemove(BinaryPrimitives.ReadUInt32BigEndian(_head.AsSpan(5)), out var reply))
            throw new FormatException("An answer to a question that was not asked.");
        reply.Body = body;
        Finish(reply, type);
    }

    private void Finish(SftpReply reply, byte type)
    {
        (_headCount, _isAtData, _reading) = (0, false, null);
        reply.Type = type;
        reply.Complete();
    }

    private void End(NetworkException error)
    {
        Fail(error);
        _ = _channel.DisposeAsync();
    }

    private void Fail(NetworkException error)
    {
        if (Interlocked.CompareExchange(ref _end, error, null) is not null)
            return;
        _greeting.TrySetException(error);
        _ = _greeting.Task.Exception;
        foreach (var number in _waiting.Keys)
        {
            if (_waiting.TryRemove(number, out var reply))
                reply.Fail(error.Again());
        }
    }

    private (uint Version, IReadOnlyDictionary<string, string> Extensions) ReadGreeting(byte[] answer)
    {
        try
        {
            var reader = new WireReader(answer);
            return SftpText.Version(ref reader);
        }
        catch (FormatException malformed)
        {
            throw SftpFailure.Malformed(Endpoint, malformed.Message, malformed);
        }
    }

    private SftpLimits ReadLimits((byte Type, byte[] Body) answer)
    {
        if (answer.Type != SftpNumbers.ExtendedReply)
            return Limits;
        try
        {
            var reader = new WireReader(answer.Body);
            _ = reader.UInt64();
            return new SftpLimits(Bytes(reader.UInt64()), Bytes(reader.UInt64()), (long)Math.Min(reader.UInt64(), long.MaxValue));
        }
        catch (FormatException malformed)
        {
            throw SftpFailure.Malformed(Endpoint, malformed.Message, malformed);
        }
    }

    // 0 is no limit; more than 255 KiB no server takes.
    private static int Bytes(ulong limit) => limit == 0 ? 255 * 1024 : (int)Math.Clamp(limit, 4096, 255 * 1024);
}
