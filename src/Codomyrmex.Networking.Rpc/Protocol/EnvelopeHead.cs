namespace Codomyrmex.Networking.Rpc.Protocol;

/// <summary>What a call says of itself beside its method and parameters: members of its message that other peers pass over.</summary>
/// <param name="Id">The number its answer bears; null for a notification.</param>
/// <param name="Method">What is called.</param>
internal readonly record struct EnvelopeHead(long? Id, string Method)
{
    /// <summary>How long the caller waits, so that nobody works for one who has left; null for no limit.</summary>
    public TimeSpan? Timeout { get; init; }

    /// <summary>Bytes of items that may be under way; null where no stream is wanted.</summary>
    public int? Window { get; init; }

    /// <summary>The span that the call belongs to (W3C Trace Context, section 3.2).</summary>
    public string? TraceParent { get; init; }

    /// <summary>What goes with it (section 3.3).</summary>
    public string? TraceState { get; init; }
}
