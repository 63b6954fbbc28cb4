using System.Net;
using Codomyrmex.Networking.Transport.Internal;

namespace Codomyrmex.Networking.Sockets;

/// <summary>
/// Memory for many datagrams, to be sent or received with one call of the system; used again and again. Not thread-safe. What was received can be sent as it
/// is: back to where it came from.
/// </summary>
public sealed class UDPBatch
{
    private const int MostAtOnce = 1024; // what the system takes (UIO_MAXIOV)

    private readonly DatagramBatch _slots;
    private readonly DatagramDestination[] _destinations;
    private Part[] _parts;
    private bool _isReceived;

    /// <summary>Makes an empty batch.</summary>
    /// <param name="capacity">How many datagrams it takes, 1 to 1,024.</param>
    /// <param name="datagramBytes">The longest of them, 1 to 65,535 bytes.</param>
    public UDPBatch(int capacity = 64, int datagramBytes = 2048)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(capacity, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(capacity, MostAtOnce);
        ArgumentOutOfRangeException.ThrowIfLessThan(datagramBytes, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(datagramBytes, ushort.MaxValue);
        DatagramBytes = datagramBytes;
        // A byte more: who fills it was longer. And a multiple of what processors fetch at once.
        _slots = new DatagramBatch(capacity, (datagramBytes + 64) & ~63);
        _parts = new Part[capacity];
        _destinations = new DatagramDestination[capacity];
    }

    /// <summary>How many datagrams it takes; the kernel may hand on more that it put together (<see cref="UDPClientOptions.CoalesceReceived"/>).</summary>
    public int Capacity => _slots.Capacity;

    /// <summary>The longest of them in bytes.</summary>
    public int DatagramBytes { get; }

    /// <summary>How many are in it.</summary>
    public int Count { get; private set; }

    /// <summary>A datagram. Its data lies in the batch: valid until the batch is used again. One that was added for the peer of a connected client has no end point.</summary>
    /// <param name="index">Which one, from 0 to <see cref="Count"/>.</param>
    public UDPDatagram this[int index]
    {
        get
        {
            ArgumentOutOfRangeException.ThrowIfNegative(index);
            ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(index, Count);
            var part = _parts[index];
            return new UDPDatagram(_slots.Memory.AsMemory(part.Offset, part.Length), part.Remote!) { IsTruncated = part.IsTruncated };
        }
    }

    /// <summary>Adds a datagram to be sent; its bytes are copied. What was received before goes out of the batch.</summary>
    /// <param name="data">What is in it.</param>
    /// <param name="to">To whom; null to the peer of a connected client.</param>
    /// <returns>False where the batch is full.</returns>
    /// <exception cref="ArgumentException">It is longer than the batch's datagrams.</exception>
    public bool TryAdd(ReadOnlySpan<byte> data, IPEndPoint? to = null)
    {
        if (data.Length > DatagramBytes)
            throw new ArgumentException($"A datagram of this batch has at most {DatagramBytes} bytes, not {data.Length}.", nameof(data));
        if (_isReceived)
            Clear();
        if (Count == Capacity)
            return false;
        data.CopyTo(_slots.Slot(Count).Span);
        _parts[Count++] = new Part(Offset(Count - 1), data.Length, to, false);
        return true;
    }

    /// <summary>Takes all datagrams out of it.</summary>
    public void Clear()
    {
        Count = 0;
        _isReceived = false;
    }

    /// <summary>Asks the gate about every destination and writes down the addresses.</summary>
    internal ReadOnlyMemory<DatagramDestination> Address(Func<IPEndPoint?, DatagramDestination> pass, bool isConnected)
    {
        IPEndPoint? last = null;
        for (var i = 0; i < Count; i++)
        {
            var part = _parts[i];
            if (i >= Capacity || part.Offset != Offset(i))
                throw new InvalidOperationException("A batch with datagrams that the kernel had put together cannot be sent as it is: add them to another.");
            // A run to one peer is asked about once.
            var destination = _destinations[i] = i > 0 && ReferenceEquals(part.Remote, last) ? _destinations[i - 1] : pass(part.Remote);
            last = part.Remote;
            _slots.Lengths[i] = part.Length;
            if (!isConnected)
                _slots.SetAddress(i, destination.AddressBytes);
        }
        return _destinations.AsMemory(0, Count);
    }

    internal DatagramBatch Slots => _slots;

    /// <summary>Takes apart what the kernel has put into the slots.</summary>
    /// <returns>How many of the datagrams were cut off.</returns>
    internal int TakeApart(int slots, DatagramSocket socket)
    {
        Count = 0;
        _isReceived = true;
        var truncated = 0;
        for (var slot = 0; slot < slots; slot++)
        {
            var remote = socket.SenderOf(_slots, slot);
            var (start, length) = (Offset(slot), Math.Min(_slots.Lengths[slot], _slots.SlotBytes));
            var segment = _slots.Segments[slot];
            if (segment > 0 && segment < length)
            {
                for (var i = 0; i < length; i += segment)
                    Keep(new Part(start + i, Math.Min(segment, length - i), remote, _slots.AreTruncated[slot] && i + segment >= length));
                continue;
            }
            var isTruncated = _slots.AreTruncated[slot] || length > DatagramBytes;
            if (isTruncated)
                truncated++;
            Keep(new Part(start, Math.Min(length, DatagramBytes), remote, isTruncated));
        }
        return truncated;
    }

    private int Offset(int slot) => slot * _slots.SlotBytes;

    private void Keep(Part part)
    {
        if (Count == _parts.Length)
            Array.Resize(ref _parts, _parts.Length * 2);
        _parts[Count++] = part;
    }

    private readonly record struct Part(int Offset, int Length, IPEndPoint? Remote, bool IsTruncated);
}
