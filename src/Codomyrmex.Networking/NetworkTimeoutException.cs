namespace Codomyrmex.Networking;

/// <summary>One of our timeouts fired. Its code (<c>timeout.connect</c>, <c>timeout.total</c>, …) says which.</summary>
public sealed class NetworkTimeoutException : NetworkException
{
    /// <summary>Makes the exception from what is known.</summary>
    /// <param name="failure">The facts.</param>
    /// <param name="inner">The cause.</param>
    public NetworkTimeoutException(NetworkFailure failure, Exception? inner = null) : base(failure, inner)
    {
    }

    /// <summary>Which timeout fired.</summary>
    public TimeoutKind Kind => Code switch
    {
        ErrorCodes.TimeoutResolve => TimeoutKind.Resolve,
        ErrorCodes.TimeoutConnect => TimeoutKind.Connect,
        ErrorCodes.TimeoutTls => TimeoutKind.Tls,
        ErrorCodes.TimeoutFirstByte => TimeoutKind.FirstByte,
        ErrorCodes.TimeoutIdle => TimeoutKind.Idle,
        _ => TimeoutKind.Total,
    };
}
