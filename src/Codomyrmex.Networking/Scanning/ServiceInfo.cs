using Codomyrmex.Networking.Transport;

namespace Codomyrmex.Networking.Scanning;

/// <summary>
/// What listens on a port, as far as it told. All text but <see cref="Name"/> comes from the network as it was: a program that shows it must escape it;
/// <see cref="ToString"/> does. Immutable.
/// </summary>
public sealed record ServiceInfo
{
    /// <summary>The protocol spoken, in IANA's spelling where there is one: <c>ssh</c>, <c>http</c>, <c>smtp</c>.</summary>
    public required string Name { get; init; }

    /// <summary>The program, where it says so: <c>OpenSSH</c>, <c>nginx</c>.</summary>
    public string? Product { get; init; }

    /// <summary>The program's version, where it says so: <c>9.2p1</c>.</summary>
    public string? Version { get; init; }

    /// <summary>What the peer said first, or answered, cut to the bounds of whoever asked.</summary>
    public string? Banner { get; init; }

    /// <summary>What a TLS handshake agreed on and whom it met; null where the port does not speak TLS.</summary>
    public TlsFacts? Tls { get; init; }

    /// <summary>The SSH host key's fingerprint as OpenSSH prints it (<c>SHA256:…</c>).</summary>
    public string? SshHostKeyFingerprint { get; init; }

    /// <summary>The status of the answer to an HTTP request.</summary>
    public int? HttpStatus { get; init; }

    /// <summary>The title of the page that answered an HTTP request.</summary>
    public string? HttpTitle { get; init; }

    /// <summary>The <c>Server</c> field of the answer to an HTTP request.</summary>
    public string? HttpServer { get; init; }

    /// <summary><c>ssh OpenSSH 9.2p1</c>, escaped.</summary>
    public override string ToString() => Printable.Text(string.Join(' ', new[] { Tls is null ? Name : Name + "+tls", Product, Version }.Where(static part => !string.IsNullOrEmpty(part))));
}
