using System.Net;
using System.Net.Sockets;
using Codomyrmex.Networking.Transport.Linux;

namespace Codomyrmex.Networking.Transport.Internal;

/// <summary>A socket in an <see cref="EventLoop"/>, which keeps it; <see cref="LoopStream"/> is what others keep.</summary>
internal sealed class LoopSocket(StreamSocket socket, EndPoint? remote) : LoopSource
{
    private const int MostReadsOutside = 64;

    // Where what was sent at once may be received in parts that end before it does: descriptors on a Unix-domain socket (unix(7)), urgent data on TCP (tcp(7)).
    private bool _comesInParts = remote is UnixDomainSocketEndPoint;
    private Action<object?>? _first;
    private object? _firstState;
    private bool _peerEnded;
    private bool _wasTold;
    private int _hasJoined;
    private int _isClosed;

    // Reads in a row that no loop served, and none of which had to wait.
    private int _readsOutside;

    public Readiness Receiving { get; } = new();

    public Readiness Sending { get; } = new();

    public StreamSocket Socket => socket;

    public EndPoint? Local => socket.Local;

    public EndPoint? Remote => remote;

    public int Available => socket.Available;

    public TcpState State => socket.State;

    /// <summary>Enters the loop, where it has not done so.</summary>
    /// <param name="first">Runs as the first event, which comes at once where the socket is connected.</param>
    /// <param name="state">Its argument.</param>
    /// <exception cref="SocketException">The system has no room for another.</exception>
    public void Join(Action<object?>? first = null, object? state = null)
    {
        if (Volatile.Read(ref _hasJoined) != 0 || Interlocked.Exchange(ref _hasJoined, 1) != 0)
            return;
        (_firstState, _first) = (state, first);
        Loop.Add(socket, this);
        // Closed meanwhile, it may have found itself in no loop.
        if (Volatile.Read(ref _isClosed) != 0)
            Loop.Remove(this);
    }

    public override void Ready(PollEvents events)
    {
        const PollEvents Ended = PollEvents.PeerEnded | PollEvents.HungUp | PollEvents.Failed;
        var here = GoesOnHere();
        if ((events & Ended) != 0)
            Volatile.Write(ref _peerEnded, true);
        if ((events & PollEvents.Urgent) != 0)
            Volatile.Write(ref _comesInParts, true);
        // Both are noted before anybody goes on, who may wait for the other. Of what goes on here there is at most one, and it comes last.
        var wakesSender = (events & (PollEvents.Writable | PollEvents.HungUp | PollEvents.Failed)) != 0 && Sending.Mark();
        var wakesReceiver = false;
        if ((events & (PollEvents.Readable | Ended)) != 0)
        {
            Volatile.Write(ref _wasTold, true);
            wakesReceiver = Receiving.Mark();
        }
        var first = _first is null ? null : Interlocked.Exchange(ref _first, null);
        if (wakesSender)
            Sending.Wake(here && !wakesReceiver && first is null);
        if (wakesReceiver)
            Receiving.Wake(here && first is null);
        if (first is null)
            return;
        var state = _firstState;
        _firstState = null;
        if (here)
            first(state);
        else
            ThreadPool.UnsafeQueueUserWorkItem(first, state, preferLocal: false);
    }

    /// <summary>Takes what has arrived: 0 at the end of the stream, <see cref="StreamSocket.WouldBlock"/> where nothing has.</summary>
    /// <param name="buffer">Where to; an empty one asks only whether there may be something.</param>
    /// <exception cref="IOException">The connection is broken.</exception>
    public int Receive(Span<byte> buffer)
    {
        Span<byte> one = stackalloc byte[1];
        while (Receiving.TryTake())
        {
            int count;
            if (buffer.IsEmpty)
            {
                // What the kernel has told of need not be asked for.
                count = Volatile.Read(ref _wasTold) ? 0 : socket.Receive(one, peek: true);
            }
            else
            {
                Volatile.Write(ref _wasTold, false);
                count = socket.Receive(buffer);
            }
            if (count == StreamSocket.WouldBlock)
                continue;
            // Less than there was room for: that was all, as a rule. The end of the stream is told once.
            if (count <= 0 || count >= buffer.Length || Volatile.Read(ref _peerEnded) || Volatile.Read(ref _comesInParts))
                Receiving.Set();
            return count < 0 ? throw Failure(-count) : buffer.IsEmpty ? 0 : count;
        }
        _readsOutside = 0;
        return StreamSocket.WouldBlock;
    }

    /// <summary>
    /// Whether whoever reads may do so at once. If not, it has stood back: of what has arrived, the loop tells again when others have had their turn.
    /// </summary>
    public bool MayRead()
    {
        if (EventLoop.IsServing ? EventLoop.MayGoOn() : _readsOutside++ < MostReadsOutside)
            return true;
        // Whoever always has more would never come back into the loop, which is where it costs least.
        _readsOutside = Outside = 0;
        if (Receiving.TryTake() && Volatile.Read(ref _hasJoined) != 0 && !Loop.TellAgain(socket, this))
            Receiving.Set();
        return false;
    }

    /// <summary>Sends what the system takes.</summary>
    /// <returns>The number of bytes that it took.</returns>
    /// <exception cref="IOException">The connection is broken.</exception>
    public int Send(ReadOnlySpan<byte> bytes)
    {
        var done = 0;
        while (done < bytes.Length)
        {
            var count = socket.Send(bytes[done..]);
            if (count == StreamSocket.WouldBlock && Sending.TryTake())
                count = socket.Send(bytes[done..]);
            if (count == StreamSocket.WouldBlock)
                break;
            if (count < 0)
                throw Failure(-count);
            done += count;
        }
        return done;
    }

    /// <summary>Throws where a connection that was begun came to nothing.</summary>
    public void ThrowIfNotConnected() => socket.ThrowIfNotConnected();

    public void EndSending() => socket.EndSending();

    public void Abort()
    {
        if (Volatile.Read(ref _isClosed) == 0)
            Close(byReset: true);
    }

    public void Close(bool byReset = false)
    {
        if (Interlocked.Exchange(ref _isClosed, 1) != 0)
            return;
        if (byReset)
            socket.CloseByReset();
        if (Key != 0)
            Loop.Remove(this);
        socket.Dispose();
        Receiving.Close();
        Sending.Close();
    }

    private static IOException Failure(int error)
    {
        var failure = LinuxError.ToException(error);
        return new IOException(failure.Message, failure);
    }
}
