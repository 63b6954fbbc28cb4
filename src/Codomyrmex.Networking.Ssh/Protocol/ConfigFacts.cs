namespace Codomyrmex.Networking.Ssh.Protocol;

/// <summary>What is known before a configuration is read: what the caller asked for, and where it runs.</summary>
internal sealed record ConfigFacts
{
    /// <summary>The host as it was asked for.</summary>
    public required string Host { get; init; }

    /// <summary>The user that was asked for; null to let the configuration say.</summary>
    public string? User { get; init; }

    /// <summary>The port that was asked for; null to let the configuration say.</summary>
    public int? Port { get; init; }

    public required string LocalUser { get; init; }

    /// <summary>The home directory, without a slash at its end.</summary>
    public required string Home { get; init; }

    public string LocalHost { get; init; } = "localhost";

    /// <summary>The number of the local user; null where there is none.</summary>
    public string? UserNumber { get; init; }

    /// <summary>Reads a variable of the environment.</summary>
    public Func<string, string?> Environment { get; init; } = static _ => null;
}
