namespace Codomyrmex.Networking.Testing;

/// <summary>What a <see cref="LoopbackProxy"/> does with a request.</summary>
public sealed record ProxyDecision
{
    private ProxyDecision(ProxyAction action) => Action = action;

    /// <summary>Carry it out.</summary>
    public static ProxyDecision Forward { get; } = new(ProxyAction.Forward);

    /// <summary>Say nothing until the client gives up.</summary>
    public static ProxyDecision Stall { get; } = new(ProxyAction.Stall);

    /// <summary>Answer something that is no answer.</summary>
    public static ProxyDecision Garbage { get; } = new(ProxyAction.Garbage);

    /// <summary>Close the connection without a word.</summary>
    public static ProxyDecision Close { get; } = new(ProxyAction.Close);

    /// <summary>What to do.</summary>
    public ProxyAction Action { get; }

    /// <summary>The status of a refusal over HTTP.</summary>
    public int Status { get; private init; }

    /// <summary>The code of a refusal over SOCKS5 (RFC 1928, section 6).</summary>
    public int SocksCode { get; private init; }

    /// <summary>Refuse it.</summary>
    /// <param name="status">The status over HTTP.</param>
    /// <param name="socksCode">The code over SOCKS5; SOCKS4 always answers 91.</param>
    public static ProxyDecision Refuse(int status = 403, int socksCode = 2) =>
        new(ProxyAction.Refuse) { Status = status, SocksCode = socksCode };
}
