namespace Codomyrmex.Networking;

/// <summary>A call of JSON-RPC failed: the peer answered with an error, broke the protocol, or left before it answered.</summary>
public sealed class RpcException : NetworkException
{
    /// <summary>Makes the exception from what is known.</summary>
    /// <param name="failure">The facts.</param>
    /// <param name="inner">The cause.</param>
    public RpcException(NetworkFailure failure, Exception? inner = null) : base(failure, inner)
    {
    }

    /// <summary>The method that was called; null where it was no call's fault.</summary>
    public string? Method { get; init; }

    /// <summary>The code of the peer's error; null where it sent none.</summary>
    public int? RemoteCode { get; init; }

    /// <summary>The data of the peer's error as JSON, at most 1,024 characters of it; null where it sent none. Escape it before it is shown.</summary>
    public string? RemoteData { get; init; }
}
