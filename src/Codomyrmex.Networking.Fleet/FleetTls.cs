namespace Codomyrmex.Networking.Fleet;

/// <summary>
/// What machines and programs of a fleet show each other: a certificate of one authority, which has no other purpose. Whoever has one is of the fleet. Files are in PEM. Immutable.
/// </summary>
public sealed record FleetTls
{
    /// <summary>The file of the fleet's own certificate authority. Only what it has signed is trusted.</summary>
    public required string AuthorityPath { get; init; }

    /// <summary>The file of this machine's certificate, and of those between it and the authority.</summary>
    public required string CertificatePath { get; init; }

    /// <summary>The file of its private key, without a password.</summary>
    public required string KeyPath { get; init; }

    /// <summary>Throws where a value makes no sense.</summary>
    /// <exception cref="ArgumentException">A property is wrong; its name is in the message.</exception>
    public void Validate()
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(AuthorityPath, "FleetTls.AuthorityPath");
        ArgumentException.ThrowIfNullOrWhiteSpace(CertificatePath, "FleetTls.CertificatePath");
        ArgumentException.ThrowIfNullOrWhiteSpace(KeyPath, "FleetTls.KeyPath");
    }
}
