using System.Buffers.Binary;
using System.Runtime.InteropServices;

namespace Codomyrmex.Networking.Transport.Internal.Native;

/// <summary>Linux's epoll: one descriptor that tells which of many sockets have news. Not thread-safe.</summary>
internal sealed class LinuxEpoll : IDisposable
{
    public const uint Readable = 0x001; // EPOLLIN
    public const uint Writable = 0x004; // EPOLLOUT
    public const uint Error = 0x008; // EPOLLERR
    public const uint EdgeTriggered = 1u << 31; // EPOLLET

    private const int CloseOnExec = 0x80000; // EPOLL_CLOEXEC
    private const int Add = 1; // EPOLL_CTL_ADD

    // The kernel packs the structure on x86-64 alone.
    private static readonly bool IsPacked = RuntimeInformation.ProcessArchitecture == Architecture.X64;
    private static readonly int Stride = IsPacked ? 12 : 16;
    private static readonly int DataAt = IsPacked ? 4 : 8;

    private readonly byte[] _events;
    private readonly byte[] _interest = new byte[16];
    private readonly int _descriptor;

    public LinuxEpoll(int mostAtOnce)
    {
        _events = new byte[mostAtOnce * Stride];
        _descriptor = Create(CloseOnExec);
        if (_descriptor < 0)
            throw LinuxSocket.Failure("epoll_create1");
    }

    /// <summary>Registers a descriptor once and for all; closing it ends that. False where the system has no room for it.</summary>
    /// <param name="descriptor">A socket.</param>
    /// <param name="events">What is of interest.</param>
    /// <param name="tag">What its events are known by.</param>
    public bool TryAdd(int descriptor, uint events, int tag)
    {
        BinaryPrimitives.WriteUInt32LittleEndian(_interest, events);
        BinaryPrimitives.WriteInt64LittleEndian(_interest.AsSpan(DataAt), tag);
        return Control(_descriptor, Add, descriptor, ref _interest[0]) == 0;
    }

    /// <summary>Waits for news, and says of how many.</summary>
    /// <param name="milliseconds">How long; 0 not at all.</param>
    public int Wait(int milliseconds) => Math.Max(0, Wait(_descriptor, ref _events[0], _events.Length / Stride, milliseconds));

    /// <summary>One piece of news of the last wait.</summary>
    public (int Tag, uint Events) this[int index]
    {
        get
        {
            var at = _events.AsSpan(index * Stride);
            return ((int)BinaryPrimitives.ReadInt64LittleEndian(at[DataAt..]), BinaryPrimitives.ReadUInt32LittleEndian(at));
        }
    }

    public void Dispose() => LinuxSocket.Close(_descriptor);

    [DllImport("libc", EntryPoint = "epoll_create1", SetLastError = true)]
    private static extern int Create(int flags);

    [DllImport("libc", EntryPoint = "epoll_ctl", SetLastError = true)]
    private static extern int Control(int epoll, int operation, int descriptor, ref byte interest);

    [DllImport("libc", EntryPoint = "epoll_wait", SetLastError = true)]
    private static extern int Wait(int epoll, ref byte events, int most, int milliseconds);
}
