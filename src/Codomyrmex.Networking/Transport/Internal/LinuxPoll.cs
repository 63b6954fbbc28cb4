using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Codomyrmex.Networking.Transport.Internal;

/// <summary>The kernel's event notification (epoll(7)): which of many descriptors are ready.</summary>
internal sealed unsafe partial class LinuxPoll : SafeHandle
{
    private const int CloseOnExec = 0x80000;
    private const int Interrupted = 4;

    // The structure is packed on x64 and nowhere else.
    private static readonly int Stride = RuntimeInformation.ProcessArchitecture == Architecture.X64 ? 12 : 16;

    private readonly byte* _events;
    private readonly int _room;

    /// <summary>Makes one.</summary>
    /// <param name="room">The most events that a wait returns.</param>
    public LinuxPoll(int room) : base(-1, ownsHandle: true)
    {
        SetHandle(Create(CloseOnExec));
        if (IsInvalid)
            throw StreamSocket.Failure(Marshal.GetLastPInvokeError());
        _room = room;
        _events = (byte*)NativeMemory.Alloc((nuint)(room * Stride));
    }

    public override bool IsInvalid => handle == -1;

    /// <summary>Whether this machine has it.</summary>
    public static bool IsSupported =>
        OperatingSystem.IsLinux() && RuntimeInformation.ProcessArchitecture is Architecture.X64 or Architecture.Arm64;

    public void Add(SafeHandle descriptor, PollEvents events, ulong key)
    {
        var entry = stackalloc byte[Stride];
        Unsafe.WriteUnaligned(entry, (uint)events);
        Unsafe.WriteUnaligned(entry + Stride - sizeof(ulong), key);
        const int Addition = 1;
        if (Control(this, Addition, descriptor, entry) < 0)
            throw StreamSocket.Failure(Marshal.GetLastPInvokeError());
    }

    /// <summary>Waits until something is ready. For one thread at a time.</summary>
    public int Wait()
    {
        while (true)
        {
            var count = Wait(this, _events, _room, -1);
            if (count >= 0)
                return count;
            if (Marshal.GetLastPInvokeError() is var error && error != Interrupted)
                throw StreamSocket.Failure(error);
        }
    }

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
        return Close((int)handle) == 0;
    }

    [LibraryImport("libc", EntryPoint = "epoll_create1", SetLastError = true)]
    private static partial int Create(int flags);

    [LibraryImport("libc", EntryPoint = "epoll_ctl", SetLastError = true)]
    private static partial int Control(LinuxPoll poll, int operation, SafeHandle descriptor, byte* entry);

    [LibraryImport("libc", EntryPoint = "epoll_wait", SetLastError = true)]
    private static partial int Wait(LinuxPoll poll, byte* events, int room, int milliseconds);

    [LibraryImport("libc", EntryPoint = "close")]
    private static partial int Close(int descriptor);
}
