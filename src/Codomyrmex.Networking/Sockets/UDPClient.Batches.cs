using System.Net;
using Codomyrmex.Networking.Transport.Internal;

namespace Codomyrmex.Networking.Sockets;

/// <summary>Many datagrams with one call of the system, and a loop that blocks its thread: for rates at which single calls cost too much.</summary>
public sealed partial class UDPClient
{
    private Func<IPEndPoint?, DatagramDestination>? _pass;

    /// <summary>
    /// Sends all datagrams of a batch, in order. On Linux with one call; datagrams of one length to one peer in a row, of at most 1,232 bytes, go through the system as one, which it cuts
    /// where the network begins (UDP_SEGMENT).
    /// </summary>
    /// <param name="batch">The datagrams; of a bound client each with its destination. Not to be used until the call is over.</param>
    /// <param name="cancellationToken">Cancels the wait for room in the system's buffer; some may have left.</param>
    /// <inheritdoc cref="SendAsync(ReadOnlyMemory{byte}, CancellationToken)" path="/exception"/>
    public ValueTask SendBatchAsync(UDPBatch batch, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(batch);
        ObjectDisposedException.ThrowIf(_isDisposed, this);
        if (Volatile.Read(ref _socket) is not { } socket)
            return ConnectAndSendBatchAsync(batch, cancellationToken);
        try
        {
            var destinations = batch.Address(_pass ??= PassOfBatch, Endpoint is not null);
            var sending = socket.SendBatchAsync(batch.Slots, destinations, cancellationToken);
            Interlocked.Add(ref _sent, destinations.Length);
            return sending.IsCompletedSuccessfully ? default : CountFailureAsync(sending, destinations.Length);
        }
        catch (NetworkException error)
        {
            return ValueTask.FromException(error);
        }
    }

    /// <summary>Receives what has arrived, at least one datagram.</summary>
    /// <param name="batch">Where to put them; what was in it is gone.</param>
    /// <param name="cancellationToken">Cancels the wait; nothing is lost.</param>
    /// <returns>How many there are.</returns>
    /// <inheritdoc cref="ReceiveAsync(CancellationToken)" path="/exception"/>
    public async ValueTask<int> ReceiveBatchAsync(UDPBatch batch, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(batch);
        await _requests.Leaving.ConfigureAwait(false);
        BeginReceive();
        try
        {
            var socket = await SocketAsync(cancellationToken).ConfigureAwait(false);
            DemandRoom(batch);
            batch.Clear();
            var truncated = batch.TakeApart(await socket.ReceiveBatchAsync(batch.Slots, cancellationToken).ConfigureAwait(false), socket);
            Count(batch.Count, truncated);
            for (var i = 0; Options.Transport.Budget is not null && i < batch.Count; i++)
                Pay(batch[i].Data.Length, batch[i].RemoteEndPoint);
            return batch.Count;
        }
        catch (ConnectionException)
        {
            Interlocked.Increment(ref _unreachable);
            throw;
        }
        finally
        {
            Volatile.Write(ref _isReceiving, 0);
        }
    }

    /// <summary>
    /// Receives on the calling thread, which it blocks, until the receiver says that it is enough, the token fires (within 100 ms) or the client is disposed. What came back of
    /// datagrams to single peers of a bound client is only counted.
    /// </summary>
    /// <param name="receiver">Takes each datagram.</param>
    /// <param name="cancellationToken">Ends the loop.</param>
    /// <exception cref="ConnectionException">Of a connected client: a datagram that was sent did not arrive.</exception>
    /// <exception cref="InvalidOperationException">Another receive is under way, the client is not connected yet, or coalesces what it receives.</exception>
    public void ReceiveLoop(UDPReceiver receiver, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(receiver);
        var socket = OpenSocket();
        if (Options.CoalesceReceived)
            throw new InvalidOperationException("UDPClientOptions.CoalesceReceived: what the kernel puts together is received in batches.");
        // It is on its way out already.
        _requests.Leaving.GetAwaiter().GetResult();
        BeginReceive();
        try
        {
            var most = Options.MaxDatagramBytes;
            var buffer = _buffer ??= GC.AllocateUninitializedArray<byte>(most + 1);
            while (TryReceive(socket, buffer, out var length, cancellationToken))
            {
                if (length < 0)
                    continue;
                var isTruncated = length > most;
                Count(1, isTruncated ? 1 : 0);
                if (!receiver(buffer.AsSpan(0, Math.Min(length, most)), socket.Sender!, isTruncated))
                    return;
            }
        }
        finally
        {
            Volatile.Write(ref _isReceiving, 0);
        }
    }

    /// <summary>
    /// Sends bytes as datagrams of one length to the one peer, the last may be shorter; on Linux the kernel cuts them up, 64 with one call (UDP_SEGMENT).
    /// </summary>
    /// <param name="data">The bytes. Not to be changed until the call is over.</param>
    /// <param name="datagramBytes">The length of a datagram.</param>
    /// <param name="cancellationToken">Cancels the wait for room in the system's buffer; some may have left.</param>
    /// <inheritdoc cref="SendAsync(ReadOnlyMemory{byte}, CancellationToken)" path="/exception"/>
    public ValueTask SendSegmentsAsync(ReadOnlyMemory<byte> data, int datagramBytes, CancellationToken cancellationToken = default)
    {
        DemandPeer();
        ArgumentOutOfRangeException.ThrowIfLessThan(datagramBytes, 1);
        return Volatile.Read(ref _socket) is { } socket
            ? SendSegmentsAsync(socket, data, datagramBytes, _peer!, cancellationToken)
            : ConnectAndSendSegmentsAsync(data, datagramBytes, cancellationToken);
    }

    /// <summary>The same from a bound client.</summary>
    /// <param name="data">The bytes.</param>
    /// <param name="datagramBytes">The length of a datagram.</param>
    /// <param name="to">To whom.</param>
    /// <param name="cancellationToken">Cancels the wait for room in the system's buffer; some may have left.</param>
    /// <inheritdoc cref="SendAsync(ReadOnlyMemory{byte}, CancellationToken)" path="/exception"/>
    public ValueTask SendSegmentsAsync(ReadOnlyMemory<byte> data, int datagramBytes, IPEndPoint to, CancellationToken cancellationToken = default)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(datagramBytes, 1);
        var socket = BoundSocket();
        try
        {
            return SendSegmentsAsync(socket, data, datagramBytes, Pass(to, socket), cancellationToken);
        }
        catch (NetworkException error)
        {
            return ValueTask.FromException(error);
        }
    }

    private ValueTask SendSegmentsAsync(DatagramSocket socket, ReadOnlyMemory<byte> data, int datagramBytes, DatagramDestination destination, CancellationToken cancellationToken)
    {
        var count = (data.Length + datagramBytes - 1) / datagramBytes;
        ValueTask sending;
        try
        {
            sending = socket.SendSegmentsAsync(data, datagramBytes, destination, cancellationToken);
        }
        catch (NetworkException error)
        {
            return ValueTask.FromException(error);
        }
        Interlocked.Add(ref _sent, count);
        return sending.IsCompletedSuccessfully ? default : CountFailureAsync(sending, count);
    }

    private async ValueTask ConnectAndSendSegmentsAsync(ReadOnlyMemory<byte> data, int datagramBytes, CancellationToken cancellationToken)
    {
        var socket = await SocketAsync(cancellationToken).ConfigureAwait(false);
        await SendSegmentsAsync(socket, data, datagramBytes, _peer!, cancellationToken).ConfigureAwait(false);
    }

    private async ValueTask ConnectAndSendBatchAsync(UDPBatch batch, CancellationToken cancellationToken)
    {
        await SocketAsync(cancellationToken).ConfigureAwait(false);
        await SendBatchAsync(batch, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>False where the loop is over; a negative length where only a note of a lost datagram came.</summary>
    private bool TryReceive(DatagramSocket socket, byte[] buffer, out int length, CancellationToken cancellationToken)
    {
        length = -1;
        try
        {
            length = socket.Receive(buffer, cancellationToken);
            return length >= 0;
        }
        catch (ConnectionException error) when (IsOfPeer(error))
        {
            Interlocked.Increment(ref _unreachable);
            if (Endpoint is not null)
                throw;
            return true;
        }
        catch (ObjectDisposedException) when (_isDisposed)
        {
            return false;
        }
    }

    private DatagramDestination PassOfBatch(IPEndPoint? to)
    {
        if (Endpoint is null)
            return Pass(to ?? throw new InvalidOperationException("A datagram of the batch has no destination, and a bound client has no one peer."), _socket!);
        return to is null || to.Equals(_peer!.EndPoint)
            ? _peer!
            : throw new InvalidOperationException($"The client is connected to {Endpoint} and sends to nobody else.");
    }

    private DatagramSocket OpenSocket()
    {
        ObjectDisposedException.ThrowIf(_isDisposed, this);
        return Volatile.Read(ref _socket) ?? throw new InvalidOperationException("The client is not connected yet: ConnectAsync comes first.");
    }

    private void DemandRoom(UDPBatch batch)
    {
        if (Options.CoalesceReceived && batch.DatagramBytes < ushort.MaxValue)
            throw new ArgumentException($"UDPClientOptions.CoalesceReceived: the batch needs datagrams of {ushort.MaxValue} bytes, to hold what the kernel puts together.", nameof(batch));
    }
}
