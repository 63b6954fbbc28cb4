namespace Codomyrmex.Networking.Ssh;

/// <summary>The use of a pool's connection. Others may use it at the same time. Disposing gives it back.</summary>
public sealed class SSHLease : IDisposable
{
    private readonly SSHClient _client;
    private Action? _giveBack;

    internal SSHLease(SSHClient client, Action giveBack) => (_client, _giveBack) = (client, giveBack);

    /// <summary>The connection; not to be disposed.</summary>
    /// <exception cref="ObjectDisposedException">It has been given back.</exception>
    public SSHClient Client
    {
        get
        {
            ObjectDisposedException.ThrowIf(Volatile.Read(ref _giveBack) is null, this);
            return _client;
        }
    }

    /// <summary>Gives the connection back.</summary>
    public void Dispose() => Interlocked.Exchange(ref _giveBack, null)?.Invoke();
}
