namespace Codomyrmex.Networking.Ssh.Protocol;

/// <summary>One line of a <c>known_hosts</c> file that says something.</summary>
internal sealed record KnownHostsLine
{
    /// <summary>The file, as the caller names it.</summary>
    public required string File { get; init; }

    /// <summary>The first line is 1.</summary>
    public required int Number { get; init; }

    /// <summary>What it says of the key; null where the marker is not known.</summary>
    public required KnownHostsMarker? Marker { get; init; }

    /// <summary>Patterns, or one hashed name; null where the line has none.</summary>
    public string? Hosts { get; init; }

    /// <summary>The key; null where the line cannot be read.</summary>
    public SshPublicKey? Key { get; init; }

    /// <summary>Why the line cannot be read, in words that end the sentence "it cannot be read: …"; null for a good one.</summary>
    public string? Problem { get; init; }

    public string Place => $"{File}:{Number}";

    public bool Names(string name) => Hosts is not null && HostNames.Matches(Hosts, name);

    /// <summary>Whether a line that cannot be read may be about a host: it names it, or nobody can tell whom it names.</summary>
    public bool MayConcern(string name) => Hosts is null || HostNames.Problem(Hosts) is not null || Names(name);
}
