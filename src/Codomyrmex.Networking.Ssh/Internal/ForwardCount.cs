namespace Codomyrmex.Networking.Ssh.Internal;

/// <summary>What goes through a forward. Thread-safe.</summary>
internal sealed class ForwardCount
{
    private int _open;
    private int _failed;

    public int Open => Volatile.Read(ref _open);

    public int Failed => Volatile.Read(ref _failed);

    public NetworkException? LastError { get; private set; }

    /// <summary>Runs one connection; whatever it ends by, the forward goes on.</summary>
    public async Task RunAsync(Func<Task> connection)
    {
        Interlocked.Increment(ref _open);
        try
        {
            await connection().ConfigureAwait(false);
        }
        catch (Exception error) when (error is NetworkException or IOException or OperationCanceledException or ObjectDisposedException or System.Net.Sockets.SocketException or FormatException)
        {
            if (error is OperationCanceledException)
                return;
            Interlocked.Increment(ref _failed);
            LastError = error as NetworkException ?? LastError;
        }
        finally
        {
            Interlocked.Decrement(ref _open);
        }
    }
}
