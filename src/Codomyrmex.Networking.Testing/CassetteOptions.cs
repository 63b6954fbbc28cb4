namespace Codomyrmex.Networking.Testing;

/// <summary>What a <see cref="Cassette"/> masks, and how time passes when it plays. Immutable.</summary>
public sealed record CassetteOptions
{
    /// <summary>The defaults.</summary>
    public static CassetteOptions Default { get; } = new();

    /// <summary>
    /// Names to mask besides the usual ones (credentials, cookies, keys, tokens, secrets, passwords): of fields, query parameters, form fields and JSON properties. The default value is
    /// empty.
    /// </summary>
    public IReadOnlyList<string> SecretNames { get; init; } = [];

    /// <summary>
    /// Whether the times between the parts of a body are written, and kept when it is played. The default value is false: they are not, so that two recordings of the same
    /// talk are the same file, and bodies are played at once.
    /// </summary>
    public bool KeepTiming { get; init; }

    /// <summary>How many bytes of a body are played before the connection breaks. The default value is null: all.</summary>
    public int? ResetAfter { get; init; }

    /// <summary>The clock. The default value is the system's.</summary>
    public TimeProvider Clock { get; init; } = TimeProvider.System;
}
