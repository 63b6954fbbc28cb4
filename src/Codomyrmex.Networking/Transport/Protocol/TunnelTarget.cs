namespace Codomyrmex.Networking.Transport.Protocol;

/// <summary>What may be written to a proxy as a target.</summary>
internal static class TunnelTarget
{
    /// <summary>A name or an address literal, in its one spelling.</summary>
    /// <exception cref="ArgumentException">The host is neither, or has a zone, which has a meaning on this machine only (RFC 4007, section 6).</exception>
    public static string Host(string host)
    {
        var text = HostText.ParseStrict(host);
        return text.Problem is null && text.Zone.IsEmpty && !host.StartsWith('[')
            ? text.Canonical()
            : throw new ArgumentException($"'{Printable.Text(host)}' {text.Problem ?? "has brackets or a zone"}", nameof(host));
    }

    /// <summary>A name, in its one spelling.</summary>
    /// <exception cref="ArgumentException">The host is none.</exception>
    public static string Name(string host)
    {
        var text = HostText.ParseStrict(host);
        return text.Problem is null && !text.IsAddress
            ? text.Canonical()
            : throw new ArgumentException($"'{Printable.Text(host)}' {text.Problem ?? "is an address"}", nameof(host));
    }

    /// <exception cref="ArgumentOutOfRangeException">The port is not 1 to 65535.</exception>
    public static int Port(int port)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(port, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(port, 65535);
        return port;
    }
}
