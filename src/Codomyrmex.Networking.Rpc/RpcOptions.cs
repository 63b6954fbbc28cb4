namespace Codomyrmex.Networking.Rpc;

/// <summary>The settings of an <see cref="RpcConnection"/>. Immutable, checked once when it is made.</summary>
public sealed record RpcOptions
{
    /// <summary>The defaults: no methods are served.</summary>
    public static RpcOptions Default { get; } = new();

    /// <summary>What the peer may call. The default value is null: nothing.</summary>
    public RpcMethods? Methods { get; init; }

    /// <summary>How long an answer may take; of a stream, the next item. The default value is 100 seconds.</summary>
    public TimeSpan CallTimeout { get; init; } = TimeSpan.FromSeconds(100);

    /// <summary>Calls of the peer that are served at the same time; one more is answered with -32000, one more notification is lost. The default value is 256.</summary>
    public int ServedCalls { get; init; } = 256;

    /// <summary>The longest message on a stream, in bytes; a WebSocket has a limit of its own. The default value is 16 MiB.</summary>
    public int MessageBytes { get; init; } = 16 * 1024 * 1024;

    /// <summary>
    /// The bytes of a stream's items that may be here or on their way before the peer must wait until some are taken: with one item more, what a stream takes of memory. The
    /// default value is 256 KiB.
    /// </summary>
    public int StreamWindow { get; init; } = 256 * 1024;

    /// <summary>How a call is given up, by both sides. The default value is <see cref="RpcCancelling.LanguageServer"/>.</summary>
    public RpcCancelling Cancelling { get; init; }

    /// <summary>
    /// Whether calls under way are still served and answered when the peer says that nothing follows, as programs in a pipe expect. The default value is false: they are given up.
    /// </summary>
    public bool FinishCalls { get; init; }

    /// <summary>
    /// Asked before each call and notification of the peer is served. Where it says no, none of this conversation is from then on: the peer is told as by a server that is being
    /// stopped, and its call fails with <c>rpc.stopping</c>, not served. For whoever may serve only at times, as under a lease. The default value is null: always.
    /// </summary>
    public Func<bool>? MayServe { get; init; }

    /// <summary>The clock of timeouts and deadlines. The default value is the system's.</summary>
    public TimeProvider Clock { get; init; } = TimeProvider.System;

    /// <summary>Throws where a value makes no sense.</summary>
    /// <exception cref="ArgumentException">A property is wrong; its name is in the message.</exception>
    public void Validate()
    {
        if (CallTimeout <= TimeSpan.Zero && CallTimeout != Timeout.InfiniteTimeSpan)
            throw new ArgumentOutOfRangeException("RpcOptions.CallTimeout", CallTimeout, "It is positive, or Timeout.InfiniteTimeSpan.");
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(ServedCalls, "RpcOptions.ServedCalls");
        ArgumentOutOfRangeException.ThrowIfLessThan(MessageBytes, 128, "RpcOptions.MessageBytes");
        ArgumentOutOfRangeException.ThrowIfLessThan(StreamWindow, 1, "RpcOptions.StreamWindow");
        if (!Enum.IsDefined(Cancelling))
            throw new ArgumentOutOfRangeException("RpcOptions.Cancelling", Cancelling, "There is no such way.");
        ArgumentNullException.ThrowIfNull(Clock, "RpcOptions.Clock");
    }
}
