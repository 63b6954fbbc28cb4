using System.Net;
using Codomyrmex.Networking.Ssh.Internal;

namespace Codomyrmex.Networking.Ssh;

/// <summary>A forward that runs until it is disposed, or its connection ends. Thread-safe.</summary>
public sealed class SSHForward : IAsyncDisposable
{
    private readonly Func<ValueTask> _stop;
    private readonly ForwardCount _count;
    private int _isStopped;

    internal SSHForward(EndPoint listensOn, ForwardCount count, Func<ValueTask> stop) => (ListensOn, _count, _stop) = (listensOn, count, stop);

    /// <summary>Where it listens, with the port that was chosen: here for a local and a dynamic forward, on the server for a remote one.</summary>
    public EndPoint ListensOn { get; }

    /// <summary>Connections that go through it now.</summary>
    public int Connections => _count.Open;

    /// <summary>Connections that could not be joined or broke.</summary>
    public int Failures => _count.Failed;

    /// <summary>The last error of a connection; null for none.</summary>
    public NetworkException? LastError => _count.LastError;

    /// <summary>Ends the listening and all connections through it.</summary>
    public ValueTask DisposeAsync() => Interlocked.Exchange(ref _isStopped, 1) == 0 ? _stop() : default;
}
