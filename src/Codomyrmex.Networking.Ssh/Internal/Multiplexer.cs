using System.Buffers;
using System.Buffers.Binary;
using System.Collections.Concurrent;
using System.Threading.Channels;
using Codomyrmex.Networking.Ssh.Protocol;
using Codomyrmex.Networking.Transport;

namespace Codomyrmex.Networking.Ssh.Internal;

/// <summary>
/// The connection protocol (RFC 4254) over a link: any number of channels, global requests, a probe that notices a peer that is gone. What is sent goes through one queue
/// that one loop empties, so nobody who receives ever waits for a socket. Thread-safe.
/// </summary>
internal sealed class Multiplexer : IMessageSink, IAsyncDisposable
{
    /// <summary>The most that a message of data may bring.</summary>
    public const int LargestPacket = 64 * 1024;

    // Messages of data in the queue: what a fast writer is ahead of the socket.
    private const int MostQueued = 48;

    // Answers in the queue to what a server asks unasked: so many wait only where it does not read them.
    private const int MostAnswers = 4096;

    private readonly IMessageLink _link;
    private readonly SemaphoreSlim _queueRoom = new(MostQueued);
    private readonly Channel<Outgoing> _queue = Channel.CreateUnbounded<Outgoing>(new UnboundedChannelOptions { SingleReader = true });
    private readonly ConcurrentDictionary<uint, SshChannel> _channels = new();
    private readonly Lock _globalLock = new();
    private readonly Queue<(TaskCompletionSource<byte[]?> Reply, Action<byte[]>? Granted)> _globalReplies = new();
    private readonly CancellationTokenSource _over = new();
    private readonly KeepAlive _keepAlive;
    private readonly Task _sending;
    private NetworkException? _end;
    private byte[]? _gathered;
    private uint _lastChannel;
    private int _answers;
    private int _isDisposed;

    public Multiplexer(IMessageLink link, Endpoint endpoint, int mostSessions, SSHKeepAlive keepAlive, TimeProvider clock, HostKeyRotation? rotation = null)
    {
        // The other half is for those who wait when the connection ends.
        (_link, Endpoint, Sessions, Rotation) = (link, endpoint, new SemaphoreSlim(Math.Min(mostSessions, int.MaxValue / 2)), rotation);
        _keepAlive = new KeepAlive(this, keepAlive, clock);
        _sending = Task.Run(SendLoopAsync);
        _link.Start(this);
    }

    public Endpoint Endpoint { get; }

    /// <summary>Places for sessions: servers allow so many at a time.</summary>
    public SemaphoreSlim Sessions { get; }

    public SSHConnectionFacts Facts => _link.Facts;

    /// <summary>Who follows the server to new host keys; null where nobody does.</summary>
    public HostKeyRotation? Rotation { get; }

    /// <summary>What the connection lies on and is, the lowest layer first.</summary>
    public IReadOnlyList<TransportLayer> Layers { get; init; } = [];

    /// <summary>Why the connection is over; null while it stands.</summary>
    public NetworkException? End => Volatile.Read(ref _end);

    /// <summary>Cancelled when the connection is over, for whatever reason.</summary>
    public CancellationToken Over => _over.Token;

    /// <summary>Who takes channels that the server opens; null refuses all.</summary>
    public IChannelAcceptor? Acceptor { get; set; }

    /// <summary>Opens a channel.</summary>
    /// <param name="type">Its type, such as <c>session</c>.</param>
    /// <param name="data">What belongs to the type.</param>
    /// <param name="makeReader">Makes who reads from it.</param>
    /// <param name="window">How many bytes the server may send ahead of being read.</param>
    /// <param name="cancellationToken">Cancels the wait for the server.</param>
    public async Task<SshChannel> OpenAsync(string type, ReadOnlyMemory<byte> data, Func<SshChannel, IChannelReader> makeReader, int window, CancellationToken cancellationToken)
    {
        var channel = new SshChannel(this, NextChannel(), makeReader, window);
        _channels[channel.Local] = channel;
        if (End is { } end)
        {
            _channels.TryRemove(channel.Local, out _);
            throw end.Again();
        }
        Send(MessageWriter.ChannelOpen(type, channel.Local, window, LargestPacket, data.Span));
        try
        {
            await channel.Opened.WaitAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            // The server may still confirm it.
            _ = channel.Opened.ContinueWith(_ => channel.DisposeAsync(), CancellationToken.None, TaskContinuationOptions.OnlyOnRanToCompletion, TaskScheduler.Default);
            throw;
        }
        return channel;
    }

    public uint NextChannel() => Interlocked.Increment(ref _lastChannel);

    /// <summary>Asks something of the server and waits for the answer: its data, or null for no.</summary>
    /// <param name="request">What is asked.</param>
    /// <param name="data">Its details.</param>
    /// <param name="cancellationToken">Ends the wait; the server is asked all the same.</param>
    /// <param name="granted">Told of a yes before anything that follows it is looked at, also when nobody waits any more; must not wait.</param>
    public Task<byte[]?> AskAsync(string request, ReadOnlySpan<byte> data, CancellationToken cancellationToken, Action<byte[]>? granted = null)
    {
        var reply = new TaskCompletionSource<byte[]?>(TaskCreationOptions.RunContinuationsAsynchronously);
        lock (_globalLock)
        {
            if (_end is not null)
                return Task.FromException<byte[]?>(_end.Again());
            // Answers come in the order of the questions.
            _globalReplies.Enqueue((reply, granted));
            Send(MessageWriter.GlobalRequest(request, data));
        }
        return reply.Task.WaitAsync(cancellationToken);
    }

    /// <summary>Puts a small message into the queue.</summary>
    public void Send(byte[] payload) => _queue.Writer.TryWrite(new Outgoing(payload, payload.Length, Largest: 0));

    /// <summary>Puts the answer to something into the queue that the server asked by itself.</summary>
    /// <exception cref="SSHException">It asks and asks, and reads no answer: they would fill the memory.</exception>
    public void Answer(byte[] payload)
    {
        if (Interlocked.Increment(ref _answers) > MostAnswers)
            throw Broken($"it does not read the answers to what it asks, of which {MostAnswers} wait.", null);
        _queue.Writer.TryWrite(new Outgoing(payload, payload.Length, Largest: 0) { IsAnswer = true });
    }

    /// <summary>Waits for room in the queue for a message of data, which <see cref="SendData"/> fills or <see cref="GiveRoomBack"/> does not need.</summary>
    public Task WaitForRoomAsync(CancellationToken cancellationToken) => _queueRoom.WaitAsync(cancellationToken);

    /// <summary>Puts a message of data into the queue, in a rented array.</summary>
    /// <param name="rented">The message.</param>
    /// <param name="length">Its length.</param>
    /// <param name="largest">The most bytes of data that the peer takes in a message of this channel.</param>
    public void SendData(byte[] rented, int length, int largest) => _queue.Writer.TryWrite(new Outgoing(rented, length, largest));

    public void GiveRoomBack(byte[] rented)
    {
        ArrayPool<byte>.Shared.Return(rented);
        _queueRoom.Release();
    }

    public void Received(ReadOnlySpan<byte> payload)
    {
        _keepAlive.Heard();
        try
        {
            MessageDispatch.Handle(this, payload);
        }
        catch (Exception error)
        {
            // Whatever cannot be read ends the connection: the two sides no longer agree on what was said.
            Fail(error as NetworkException ?? Broken($"what it sent cannot be read: {error.Message}", error));
        }
    }

    public void ReceivedData(uint channel, ReadOnlySpan<byte> data)
    {
        _keepAlive.Heard();
        try
        {
            if (Find(channel) is { } target && !target.OnData(data, isError: false))
                Fail(Broken("it sent more than the channel's window allows.", null));
        }
        catch (Exception error)
        {
            Fail(error as NetworkException ?? Broken($"what it sent cannot be read: {error.Message}", error));
        }
    }

    public void Ended(NetworkException error) => Fail(error);

    public SshChannel? Find(uint channel) => _channels.GetValueOrDefault(channel);

    public void Add(SshChannel channel) => _channels[channel.Local] = channel;

    public void Remove(uint channel) => _channels.TryRemove(channel, out _);

    public void OnGlobalReply(byte[]? data)
    {
        TaskCompletionSource<byte[]?> reply;
        Action<byte[]>? granted;
        lock (_globalLock)
        {
            // Nobody asked.
            if (!_globalReplies.TryDequeue(out var asked))
                return;
            (reply, granted) = asked;
        }
        if (data is not null)
            granted?.Invoke(data);
        reply.TrySetResult(data);
    }

    public NetworkException Broken(string what, Exception? inner) => new NetworkFailure
    {
        Code = ErrorCodes.SshProtocol,
        Message = $"{Endpoint} broke the SSH protocol: {what}",
        Phase = NetworkPhase.Receive,
        Endpoint = Endpoint,
        WasSent = WasSent.Maybe,
    }.ToException(inner);

    /// <summary>The connection is over: everybody who waits on it learns why.</summary>
    public void Fail(NetworkException error)
    {
        List<TaskCompletionSource<byte[]?>> replies;
        lock (_globalLock)
        {
            if (_end is not null)
                return;
            _end = error;
            replies = [.. _globalReplies.Select(static asked => asked.Reply)];
            _globalReplies.Clear();
        }
        _queue.Writer.TryComplete();
        _keepAlive.Dispose();
        replies.ForEach(reply => reply.TrySetException(error.Again()));
        foreach (var (number, channel) in _channels)
        {
            _channels.TryRemove(number, out _);
            channel.End(error);
        }
        // Whoever waits for a place gets one, and learns why it is worth nothing.
        Sessions.Release(int.MaxValue / 2);
        // Not on the thread that brought the news: whoever registered may do much.
        _ = Task.Run(_over.Cancel);
        _ = Task.Run(DisposeAsync);
    }

    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _isDisposed, 1) != 0)
            return;
        Fail(new NetworkFailure
        {
            Code = ErrorCodes.SshDisconnected,
            Message = $"The SSH connection to {Endpoint} was closed here.",
            Phase = NetworkPhase.Close,
            Endpoint = Endpoint,
            IsTransient = false,
        }.ToException());
        await _link.DisposeAsync().ConfigureAwait(false);
        await _sending.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    private async Task SendLoopAsync()
    {
        while (await _queue.Reader.WaitToReadAsync().ConfigureAwait(false))
        {
            while (_queue.Reader.TryRead(out var next))
            {
                try
                {
                    if (End is null)
                        _link.Send(Gather(next));
                }
                catch (NetworkException error)
                {
                    Fail(error);
                }
                finally
                {
                    if (next.IsData)
                        GiveRoomBack(next.Bytes);
                    else if (next.IsAnswer)
                        Interlocked.Decrement(ref _answers);
                }
            }
        }
        // Nobody empties the queue any more: nobody must wait for room in it.
        _queueRoom.Release(int.MaxValue - MostQueued - 1);
    }

    /// <summary>
    /// A message, with what waits behind it for the same channel in one with it: many small requests cost the two ends little more than one.
    /// </summary>
    private ReadOnlyMemory<byte> Gather(Outgoing next)
    {
        if (!next.IsData || !MayFollow(next, next.Length, out _))
            return next.Bytes.AsMemory(0, next.Length);
        _gathered ??= new byte[SshChannel.DataHeader + LargestPacket];
        next.Bytes.AsSpan(0, next.Length).CopyTo(_gathered);
        var length = next.Length;
        while (MayFollow(next, length, out var following) && _queue.Reader.TryRead(out following))
        {
            var data = following.Bytes.AsSpan(SshChannel.DataHeader, following.Length - SshChannel.DataHeader);
            data.CopyTo(_gathered.AsSpan(length));
            length += data.Length;
            GiveRoomBack(following.Bytes);
        }
        BinaryPrimitives.WriteInt32BigEndian(_gathered.AsSpan(SshChannel.DataHeader - 4), length - SshChannel.DataHeader);
        return _gathered.AsMemory(0, length);
    }

    // A message and a channel's number: what both begin with is of the same channel.
    private bool MayFollow(Outgoing next, int length, out Outgoing following) =>
        _queue.Reader.TryPeek(out following) && following.IsData && length - SshChannel.DataHeader + following.Length - SshChannel.DataHeader <= next.Largest &&
        following.Bytes.AsSpan(0, SshChannel.DataHeader - 4).SequenceEqual(next.Bytes.AsSpan(0, SshChannel.DataHeader - 4));

    private readonly record struct Outgoing(byte[] Bytes, int Length, int Largest)
    {
        public bool IsData => Largest > 0;

        public bool IsAnswer { get; init; }
    }
}
