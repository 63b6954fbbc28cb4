namespace Codomyrmex.Networking.Testing;

/// <summary>The kinds of <see cref="ProxyDecision"/>.</summary>
public enum ProxyAction
{
    /// <summary>Carry the request out.</summary>
    Forward,

    /// <summary>Refuse it with a status or code.</summary>
    Refuse,

    /// <summary>Say nothing.</summary>
    Stall,

    /// <summary>Answer something that is no answer.</summary>
    Garbage,

    /// <summary>Close the connection.</summary>
    Close,
}
