using Codomyrmex.Networking.Transport.Linux;

namespace Codomyrmex.Networking.Transport.Internal;

/// <summary>Memory for many datagrams with their addresses, at rest for the kernel to read and write.</summary>
internal sealed class DatagramBatch
{
    /// <summary>Room for an address as any system writes it.</summary>
    public const int AddressBytes = 32;

    public DatagramBatch(int capacity, int slotBytes)
    {
        Capacity = capacity;
        SlotBytes = slotBytes;
        // What a slot holds beyond its length is never shown.
        Memory = GC.AllocateUninitializedArray<byte>(capacity * slotBytes, pinned: true);
        Addresses = GC.AllocateArray<byte>(capacity * AddressBytes, pinned: true);
        AddressLengths = new int[capacity];
        Lengths = new int[capacity];
        Segments = new int[capacity];
        AreTruncated = new bool[capacity];
        Kernel = Libc.IsSupported ? new LinuxBatch(this) : null;
    }

    public int Capacity { get; }

    public int SlotBytes { get; }

    public byte[] Memory { get; }

    public byte[] Addresses { get; }

    public int[] AddressLengths { get; }

    public int[] Lengths { get; }

    /// <summary>How long the datagrams are that lie in a slot one behind the other; 0 where it is but one.</summary>
    public int[] Segments { get; }

    public bool[] AreTruncated { get; }

    /// <summary>The way to many at a time; null where the system has none.</summary>
    public LinuxBatch? Kernel { get; }

    public Memory<byte> Slot(int index) => Memory.AsMemory(index * SlotBytes, SlotBytes);

    public ReadOnlySpan<byte> Address(int index) => Addresses.AsSpan(index * AddressBytes, AddressLengths[index]);

    public void SetAddress(int index, ReadOnlySpan<byte> address)
    {
        address.CopyTo(Addresses.AsSpan(index * AddressBytes));
        AddressLengths[index] = address.Length;
    }
}
