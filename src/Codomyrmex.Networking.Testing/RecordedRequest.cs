using Codomyrmex.Networking.Testing.Internal;

namespace Codomyrmex.Networking.Testing;

/// <summary>A request that a <see cref="LoopbackServer"/> got, without its body.</summary>
public sealed class RecordedRequest
{
    private readonly RequestHead _head;

    internal RecordedRequest(RequestHead head, int connectionNumber)
    {
        _head = head;
        ConnectionNumber = connectionNumber;
    }

    /// <summary>The method.</summary>
    public string Method => _head.Method;

    /// <summary>The target as it was sent.</summary>
    public string Target => _head.Target;

    /// <summary>The path as it was sent, without the query.</summary>
    public string Path => _head.Path;

    /// <summary>The query, decoded.</summary>
    public LoopbackFields Query => _head.Query;

    /// <summary>The header fields.</summary>
    public LoopbackFields Headers => _head.Headers;

    /// <summary>Which connection it came over, counted from 1 since the server's start.</summary>
    public int ConnectionNumber { get; }

    /// <summary>The method and the target.</summary>
    public override string ToString() => $"{Method} {Target}";
}
