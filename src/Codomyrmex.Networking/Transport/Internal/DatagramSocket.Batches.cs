using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using Codomyrmex.Networking.Transport.Linux;

namespace Codomyrmex.Networking.Transport.Internal;

/// <summary>Many datagrams at a time: by the calls that Linux has for that, one by one elsewhere.</summary>
internal sealed partial class DatagramSocket
{
    // How often a loop that blocks its thread looks whether it is to go on.
    private static readonly TimeSpan Look = TimeSpan.FromMilliseconds(100);

    // 0 until it is known, then 1 or -1.
    private int _cuts;

    /// <summary>Whether the kernel cuts what it is given into datagrams: it is asked, as an older one would send all of it as one.</summary>
    private bool CanCut
    {
        get
        {
            if (_cuts == 0)
                _cuts = Libc.IsSupported && LinuxSegments.AreKnown(_socket.SafeHandle) ? 1 : -1;
            return _cuts > 0;
        }
    }

    /// <summary>Sends a batch whose addresses are set, unless the socket is connected.</summary>
    /// <param name="batch">The datagrams.</param>
    /// <param name="destinations">Where each goes; those of a connected socket are all its peer.</param>
    /// <param name="cancellationToken">Cancels the wait for room in the system's buffer.</param>
    public ValueTask SendBatchAsync(DatagramBatch batch, ReadOnlyMemory<DatagramDestination> destinations, CancellationToken cancellationToken)
    {
        var destinationOf = destinations.Span;
        for (var i = 0; i < destinationOf.Length; i++)
            DemandSize(batch.Lengths[i], destinationOf[i]);
        if (batch.Kernel is null)
            return SendSlowlyAsync(batch, 0, 0, destinations, cancellationToken);
        var sent = 0;
        while (sent < destinationOf.Length)
        {
            var count = SendNow(batch.Kernel, sent, destinationOf[sent..]);
            if (count < 0)
                return SendSlowlyAsync(batch, sent, -count, destinations, cancellationToken);
            sent += count;
        }
        return default;
    }

    private int SendNow(LinuxBatch batch, int start, ReadOnlySpan<DatagramDestination> destinations)
    {
        var inRuns = CanCut;
        var count = batch.Send(_socket.SafeHandle, start, destinations, _connected is not null, ref inRuns);
        if (!inRuns || -count is not (LinuxError.InputOutput or LinuxError.InvalidArgument or LinuxError.MessageTooLong))
            return count;
        // The device does not know how, or the path takes less than every path should. What is wrong with a datagram itself will be said again.
        (_cuts, inRuns) = (-1, false);
        return batch.Send(_socket.SafeHandle, start, destinations, _connected is not null, ref inRuns);
    }

    /// <summary>Sends what is cut into datagrams of one length, the last may be shorter.</summary>
    public ValueTask SendSegmentsAsync(ReadOnlyMemory<byte> data, int segmentBytes, DatagramDestination destination, CancellationToken cancellationToken)
    {
        DemandSize(Math.Min(segmentBytes, data.Length), destination);
        var most = Math.Min(LinuxSegments.MostAtOnce, destination.MostBytes / segmentBytes) * segmentBytes;
        while (CanCut && data.Length > segmentBytes)
        {
            var piece = data.Length <= most ? data : data[..most];
            var sent = LinuxSegments.Send(_socket.SafeHandle, piece.Span, segmentBytes, _connected is null ? destination.AddressBytes : []);
            if (sent < 0)
            {
                // The kernel, or the device, does not know how.
                if (-sent is LinuxError.InputOutput or LinuxError.InvalidArgument)
                    _cuts = -1;
                return SendSegmentsSlowlyAsync(data, segmentBytes, CanCut ? -sent : 0, destination, cancellationToken);
            }
            data = data[sent..];
        }
        return data.IsEmpty ? default : SendSegmentsSlowlyAsync(data, segmentBytes, 0, destination, cancellationToken);
    }

    /// <summary>Receives what has arrived, at least one datagram.</summary>
    /// <returns>The slots that were filled; <see cref="SenderOf"/> says by whom.</returns>
    public ValueTask<int> ReceiveBatchAsync(DatagramBatch batch, CancellationToken cancellationToken)
    {
        if (_errors.TryDequeue(out var known))
            throw known.ToException();
        if (batch.Kernel is null)
            return ReceiveSlowlyAsync(batch, cancellationToken);
        var count = batch.Kernel.Receive(_socket.SafeHandle, batch.Capacity);
        return count > 0 ? new(count) : WaitAndReceiveAsync(batch, count, cancellationToken);
    }

    /// <summary>Who sent what lies in a slot.</summary>
    public IPEndPoint SenderOf(DatagramBatch batch, int slot) => _connected?.EndPoint ?? _peers.Find(batch.Address(slot));

    /// <summary>
    /// Receives one datagram on the calling thread; <see cref="Sender"/> is then who sent it.
    /// </summary>
    /// <returns>Its length, more than the buffer's where it was cut; -1 where the token has fired.</returns>
    public int Receive(Span<byte> buffer, CancellationToken cancellationToken)
    {
        if (_errors.TryDequeue(out var known))
            throw known.ToException();
        while (!cancellationToken.IsCancellationRequested)
        {
            var count = Libc.IsSupported ? ReceiveNow(buffer) : ReceivePortably(buffer);
            if (count >= 0)
                return count;
            if (-count - 1 is LinuxError.Interrupted)
                continue;
            if (-count - 1 is not LinuxError.TryAgain)
                throw ExplainReceive(LinuxError.Meaning(-count - 1), null);
            try
            {
                _socket.Poll(Look, SelectMode.SelectRead);
            }
            catch (SocketException error)
            {
                throw ExplainReceive(error.SocketErrorCode, error);
            }
        }
        return -1;
    }

    /// <summary>Whatever is there now: the length, or -1 - errno.</summary>
    private int ReceiveNow(Span<byte> buffer)
    {
        var address = _from.Buffer.Span;
        var addressLength = address.Length;
        var count = (int)Libc.RecvFrom(_socket.SafeHandle, ref MemoryMarshal.GetReference(buffer), buffer.Length,
            MessageFlag.DontWait | MessageFlag.Truncated, ref MemoryMarshal.GetReference(address), ref addressLength);
        if (count < 0)
            return -1 - LinuxError.Last;
        if (_connected is null)
            Sender = _peers.Find(address[..addressLength]);
        return count;
    }

    private int ReceivePortably(Span<byte> buffer)
    {
        try
        {
            if (!_socket.Poll(TimeSpan.Zero, SelectMode.SelectRead))
                return -1 - LinuxError.TryAgain;
            var count = _socket.ReceiveFrom(buffer, SocketFlags.None, _from);
            if (_connected is null)
                Sender = _peers.Find(_from.Buffer.Span[.._from.Size]);
            return count;
        }
        catch (SocketException error) when (error.SocketErrorCode == SocketError.MessageSize)
        {
            return buffer.Length + 1;
        }
        catch (SocketException error)
        {
            throw ExplainReceive(error.SocketErrorCode, error);
        }
    }

    // What the kernel will not take now goes out alone: that waits for room.
    private async ValueTask SendSlowlyAsync(DatagramBatch batch, int sent, int errno, ReadOnlyMemory<DatagramDestination> destinations, CancellationToken cancellationToken)
    {
        while (sent < destinations.Length)
        {
            Judge(errno, destinations.Span[sent], batch.Lengths[sent]);
            await SendAsync(batch.Slot(sent)[..batch.Lengths[sent]], destinations.Span[sent], cancellationToken).ConfigureAwait(false);
            sent++;
            if (batch.Kernel is null || sent == destinations.Length)
                continue;
            // There may be room again for many at once.
            var count = SendNow(batch.Kernel, sent, destinations.Span[sent..]);
            errno = Math.Max(0, -count);
            sent += Math.Max(0, count);
        }
    }

    private async ValueTask SendSegmentsSlowlyAsync(ReadOnlyMemory<byte> data, int segmentBytes, int errno, DatagramDestination destination, CancellationToken cancellationToken)
    {
        Judge(errno, destination, Math.Min(segmentBytes, data.Length));
        while (!data.IsEmpty)
        {
            var piece = data[..Math.Min(segmentBytes, data.Length)];
            await SendAsync(piece, destination, cancellationToken).ConfigureAwait(false);
            data = data[piece.Length..];
        }
    }

    /// <summary>Throws where the system's number of an error says more than that there is no room now, or that an earlier datagram to somebody else came back.</summary>
    private void Judge(int errno, DatagramDestination destination, int length)
    {
        if (errno is 0 or LinuxError.TryAgain or LinuxError.Interrupted)
            return;
        if (ExplainSend(LinuxError.Meaning(errno), destination, length, tries: 0, null) is { } explained)
            throw explained;
    }

    private async ValueTask<int> WaitAndReceiveAsync(DatagramBatch batch, int count, CancellationToken cancellationToken)
    {
        while (count <= 0)
        {
            if (-count is not (LinuxError.TryAgain or LinuxError.Interrupted or 0))
                throw ExplainReceive(LinuxError.Meaning(-count), null);
            try
            {
                // Into no memory, and without taking it: until there is something.
                await _socket.ReceiveAsync(Memory<byte>.Empty, SocketFlags.Peek, cancellationToken).ConfigureAwait(false);
            }
            catch (SocketException error)
            {
                throw ExplainReceive(error.SocketErrorCode, error);
            }
            count = batch.Kernel!.Receive(_socket.SafeHandle, batch.Capacity);
        }
        return count;
    }

    private async ValueTask<int> ReceiveSlowlyAsync(DatagramBatch batch, CancellationToken cancellationToken)
    {
        var count = 0;
        do
        {
            var length = await ReceiveAsync(batch.Slot(count), cancellationToken).ConfigureAwait(false);
            batch.AreTruncated[count] = length > batch.SlotBytes;
            batch.Lengths[count] = Math.Min(length, batch.SlotBytes);
            batch.Segments[count] = 0;
            if (_connected is null)
                batch.SetAddress(count, _from.Buffer.Span[.._from.Size]);
            count++;
        }
        while (count < batch.Capacity && _socket.Available > 0);
        return count;
    }
}
