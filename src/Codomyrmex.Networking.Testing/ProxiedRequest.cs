namespace Codomyrmex.Networking.Testing;

/// <summary>What a <see cref="LoopbackProxy"/> was asked.</summary>
public sealed record ProxiedRequest
{
    /// <summary>How.</summary>
    public required ProxyProtocol Protocol { get; init; }

    /// <summary>The host that the client named, a name (in lower case over HTTP) or an address; empty where the client failed to authenticate before saying it.</summary>
    public required string Host { get; init; }

    /// <summary>The port.</summary>
    public required int Port { get; init; }

    /// <summary>The user, or null where the client named none.</summary>
    public string? User { get; init; }

    /// <summary>The password, or null where the client gave none.</summary>
    public string? Password { get; init; }

    /// <summary>The header fields that the proxy saw; empty for SOCKS.</summary>
    public LoopbackFields Headers { get; init; } = new([], StringComparison.OrdinalIgnoreCase);

    /// <summary>Which connection to the proxy it came over, counted from 1.</summary>
    public int ConnectionNumber { get; init; }

    /// <summary>Whether the credentials were right, or none were needed.</summary>
    public bool IsAuthenticated { get; init; }

    /// <summary>The protocol and the target, without credentials.</summary>
    public override string ToString() => $"{Protocol} {Host}:{Port}";
}
