namespace Codomyrmex.Networking.Rpc.Internal;

/// <summary>
/// What one conversation holds of its address's share: the buffer that messages arrive in, until it is disposed of, and the calls that are being served and
/// answered, which may outlive it. Thread-safe.
/// </summary>
internal sealed class MessageAccount(MessageShares.Share share) : IDisposable
{
    private long _buffered;
    private int _isDisposed;

    /// <summary>Makes room for a message that arrives.</summary>
    /// <exception cref="FormatException">The address has none left.</exception>
    public void Grow(int bytes)
    {
        if (!TryTake(bytes))
            throw new FormatException("has more under way than one address may (RpcServerOptions.BytesPerAddress)");
        Interlocked.Add(ref _buffered, bytes);
    }

    /// <summary>The buffer has been given up for a smaller one.</summary>
    public void Shrink(int bytes)
    {
        Interlocked.Add(ref _buffered, -bytes);
        Give(bytes);
    }

    /// <summary>Takes room for a call; false where there is none.</summary>
    public bool TryTake(int bytes) => share.TryTake(bytes);

    /// <summary>Takes room that is needed in any case, be it beyond the limit.</summary>
    public void Charge(int bytes) => share.Charge(bytes);

    /// <summary>A call is over, or an answer sent.</summary>
    public void Give(int bytes) => share.Give(bytes);

    /// <summary>The conversation is over; nothing is received any more.</summary>
    public void Dispose()
    {
        if (Interlocked.Exchange(ref _isDisposed, 1) == 0)
            share.Give(Interlocked.Exchange(ref _buffered, 0), isLeaving: true);
    }
}
