using System.Runtime.CompilerServices;
using Codomyrmex.Networking.Transport.Internal;

namespace Codomyrmex.Networking.Sockets;

/// <summary>Receiving: one at a time, or all that comes.</summary>
public sealed partial class UDPClient
{
    private byte[]? _buffer;
    private UDPBatch? _coalesced;
    private int _nextCoalesced;
    private int _isReceiving;
    private long _received;
    private long _truncated;

    /// <summary>Receives the next datagram.</summary>
    /// <param name="cancellationToken">Cancels the call; nothing is lost.</param>
    /// <returns>The datagram, its data valid until the next receive.</returns>
    /// <exception cref="ConnectionException">A datagram that was sent did not arrive (<c>udp.refused</c>, <c>udp.unreachable</c>); its endpoint says whose.</exception>
    /// <exception cref="NetworkTimeoutException"><c>timeout.first_byte</c>: nothing came in time, of a connected client.</exception>
    /// <exception cref="InvalidOperationException">Another receive is under way, or requests wait for their replies.</exception>
    public ValueTask<UDPDatagram> ReceiveAsync(CancellationToken cancellationToken = default)
    {
        var limit = Endpoint is null ? Timeout.InfiniteTimeSpan : Options.Timeouts.FirstByte;
        var leaving = _requests.Leaving;
        return leaving.IsCompleted ? ReceiveAsync(limit, cancellationToken) : ReceiveAfterAsync(leaving);

        async ValueTask<UDPDatagram> ReceiveAfterAsync(Task leaving)
        {
            await leaving.ConfigureAwait(false);
            return await ReceiveAsync(limit, cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>
    /// Receives datagrams until the client is disposed. Of a bound client, what came back of datagrams to single peers is only counted: the others go on.
    /// </summary>
    /// <inheritdoc cref="ReceiveAsync(CancellationToken)"/>
    public async IAsyncEnumerable<UDPDatagram> ReceiveAllAsync([EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        while (!_isDisposed)
        {
            UDPDatagram datagram;
            try
            {
                datagram = await ReceiveAsync(cancellationToken).ConfigureAwait(false);
            }
            catch (ConnectionException error) when (Endpoint is null && IsOfPeer(error))
            {
                continue;
            }
            catch (ObjectDisposedException) when (_isDisposed)
            {
                yield break;
            }
            yield return datagram;
        }
    }

    /// <summary>The datagrams that come; the same as <see cref="ReceiveAllAsync"/>.</summary>
    /// <param name="cancellationToken">Ends the sequence.</param>
    public IAsyncEnumerator<UDPDatagram> GetAsyncEnumerator(CancellationToken cancellationToken = default) => ReceiveAllAsync(cancellationToken).GetAsyncEnumerator(cancellationToken);

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    internal async ValueTask<UDPDatagram> ReceiveAsync(TimeSpan limit, CancellationToken cancellationToken)
    {
        BeginReceive();
        try
        {
            var socket = await SocketAsync(cancellationToken).ConfigureAwait(false);
            if (limit == Timeout.InfiniteTimeSpan)
                return await ReceiveAsync(socket, cancellationToken).ConfigureAwait(false);
            var timer = PhaseTimers.Rent(Options.Clock);
            try
            {
                var now = Options.Clock.GetTimestamp();
                timer.Start(now, Deadline.After(limit, Options.Clock, now).EndOn(Options.Clock), cancellationToken);
                return await ReceiveAsync(socket, timer.Token).ConfigureAwait(false);
            }
            catch (OperationCanceledException) when (timer.HasFired)
            {
                throw Silent(limit);
            }
            catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
            {
                throw new OperationCanceledException(cancellationToken);
            }
            finally
            {
                PhaseTimers.Return(timer);
            }
        }
        finally
        {
            Volatile.Write(ref _isReceiving, 0);
        }
    }

    private NetworkException Silent(TimeSpan limit) => new NetworkFailure
    {
        Code = ErrorCodes.TimeoutFirstByte,
        Message = $"No datagram came from {Endpoint} within {TCPConnection.Seconds(limit)} (Timeouts.FirstByte).",
        Phase = NetworkPhase.FirstByte,
        Endpoint = Endpoint,
        Elapsed = limit,
        WasSent = Volatile.Read(ref _sent) > 0 ? WasSent.Maybe : WasSent.Never,
    }.ToException();

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    private async ValueTask<UDPDatagram> ReceiveAsync(DatagramSocket socket, CancellationToken cancellationToken)
    {
        try
        {
            if (Options.CoalesceReceived)
                return await ReceiveCoalescedAsync(socket, cancellationToken).ConfigureAwait(false);
            var most = Options.MaxDatagramBytes;
            // A byte more: who fills it was longer.
            var buffer = _buffer ??= GC.AllocateUninitializedArray<byte>(most + 1);
            if (Options.ReportsInterface)
            {
                var (count, isCut, local, number) = await socket.ReceiveWithInterfaceAsync(buffer, cancellationToken).ConfigureAwait(false);
                return Taken(socket, buffer, isCut ? most + 1 : count) with { LocalAddress = local, InterfaceIndex = number };
            }
            return Taken(socket, buffer, await socket.ReceiveAsync(buffer, cancellationToken).ConfigureAwait(false));
        }
        catch (ConnectionException)
        {
            Interlocked.Increment(ref _unreachable);
            throw;
        }
    }

    private UDPDatagram Taken(DatagramSocket socket, byte[] buffer, int length)
    {
        var isTruncated = length > Options.MaxDatagramBytes;
        Count(1, isTruncated ? 1 : 0);
        Pay(length, socket.Sender);
        return new UDPDatagram(buffer.AsMemory(0, Math.Min(length, Options.MaxDatagramBytes)), socket.Sender!) { IsTruncated = isTruncated };
    }

    // What the kernel put together is given out one by one.
    private async ValueTask<UDPDatagram> ReceiveCoalescedAsync(DatagramSocket socket, CancellationToken cancellationToken)
    {
        var batch = _coalesced ??= new UDPBatch(1, ushort.MaxValue);
        if (_nextCoalesced >= batch.Count)
        {
            _nextCoalesced = 0;
            batch.Clear();
            batch.TakeApart(await socket.ReceiveBatchAsync(batch.Slots, cancellationToken).ConfigureAwait(false), socket);
        }
        var datagram = batch[_nextCoalesced++];
        var isTruncated = datagram.IsTruncated || datagram.Data.Length > Options.MaxDatagramBytes;
        Count(1, isTruncated ? 1 : 0);
        Pay(datagram.Data.Length, datagram.RemoteEndPoint);
        return isTruncated ? datagram with { Data = datagram.Data[..Math.Min(datagram.Data.Length, Options.MaxDatagramBytes)], IsTruncated = true } : datagram;
    }

    private void Count(int received, int truncated)
    {
        Interlocked.Add(ref _received, received);
        if (truncated > 0)
            Interlocked.Add(ref _truncated, truncated);
    }

    /// <summary>What has come is paid for, and the time must not be up.</summary>
    private void Pay(int bytes, System.Net.IPEndPoint? sender)
    {
        if (Options.Transport.Budget is not { } budget)
            return;
        var peer = Endpoint ?? (sender is null ? new Endpoint("unknown", 0) : Networking.Endpoint.Of(sender));
        budget.DemandTime(peer);
        budget.SpendBytes(bytes, peer);
    }

    private void BeginReceive()
    {
        ObjectDisposedException.ThrowIf(_isDisposed, this);
        if (Interlocked.Exchange(ref _isReceiving, 1) != 0)
            throw new InvalidOperationException("One receive at a time; while requests wait for their replies, all that comes is for them.");
    }
}
