using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Codomyrmex.Networking.Transport.Linux;

/// <summary>The kernel's event notification (epoll(7)): which of many descriptors are ready.</summary>
internal sealed unsafe class LinuxPoll : SafeHandle
{
    private const int CloseOnExec = 0x80000; // EPOLL_CLOEXEC
    private const int Addition = 1; // EPOLL_CTL_ADD
    private const int Change = 3; // EPOLL_CTL_MOD

    // The structure is packed on x64 and nowhere else.
    private static readonly int Stride = RuntimeInformation.ProcessArchitecture == Architecture.X64 ? 12 : 16;

    private readonly byte* _events;
    private readonly int _room;

    /// <summary>Makes one.</summary>
    /// <param name="room">The most events that a wait returns.</param>
    /// <exception cref="System.Net.Sockets.SocketException">There is none to be had.</exception>
    public LinuxPoll(int room) : base(-1, ownsHandle: true)
    {
        SetHandle(Libc.EpollCreate(CloseOnExec));
        if (IsInvalid)
            throw LinuxError.ToException(LinuxError.Last);
        _room = room;
        _events = (byte*)NativeMemory.Alloc((nuint)(room * Stride));
    }

    public override bool IsInvalid => handle == -1;

    /// <summary>Registers a descriptor once and for all; closing it ends that.</summary>
    /// <param name="descriptor">What is waited for.</param>
    /// <param name="events">What is of interest.</param>
    /// <param name="key">What its events are known by.</param>
    public void Add(SafeHandle descriptor, PollEvents events, ulong key)
    {
        var interest = stackalloc byte[Stride];
        Write(interest, events, key);
        if (Libc.EpollCtl(this, Addition, descriptor, interest) < 0)
            throw LinuxError.ToException(LinuxError.Last);
    }

    /// <summary>The same with a bare descriptor; false where the system has no room for it.</summary>
    public bool TryAdd(int descriptor, PollEvents events, int key)
    {
        var interest = stackalloc byte[Stride];
        Write(interest, events, (ulong)key);
        return Libc.EpollCtl(this, Addition, descriptor, interest) == 0;
    }

    /// <summary>Asks of a registered descriptor once more: what holds already is an event anew. False where it is registered no more.</summary>
    public bool TryRearm(SafeHandle descriptor, PollEvents events, ulong key)
    {
        var interest = stackalloc byte[Stride];
        Write(interest, events, key);
        try
        {
            return Libc.EpollCtl(this, Change, descriptor, interest) == 0;
        }
        catch (ObjectDisposedException)
        {
            return false;
        }
    }

    /// <summary>Waits until something is ready. For one thread at a time.</summary>
    public int Wait()
    {
        while (true)
        {
            var count = Libc.EpollWait(this, _events, _room, -1);
            if (count >= 0)
                return count;
            if (LinuxError.Last is var error && error != LinuxError.Interrupted)
                throw LinuxError.ToException(error);
        }
    }

    /// <summary>Waits no longer than that, to the millisecond above; 0 where nothing is ready. For one thread at a time.</summary>
    public int Wait(TimeSpan longest) => Math.Max(0, Libc.EpollWait(this, _events, _room, (int)Math.Ceiling(longest.TotalMilliseconds)));

    /// <summary>One of the events of the last wait.</summary>
    public PollEvent this[int index]
    {
        get
        {
            var entry = _events + (index * Stride);
            return new PollEvent(Unsafe.ReadUnaligned<PollEvents>(entry), Unsafe.ReadUnaligned<ulong>(entry + Stride - sizeof(ulong)));
        }
    }

    protected override bool ReleaseHandle()
    {
        NativeMemory.Free(_events);
        return Libc.Close((int)handle) == 0;
    }

    private static void Write(byte* interest, PollEvents events, ulong key)
    {
        Unsafe.WriteUnaligned(interest, (uint)events);
        Unsafe.WriteUnaligned(interest + Stride - sizeof(ulong), key);
    }
}
