using System.Text.Json.Serialization;

namespace Codomyrmex.Networking.Cli.Commands;

/// <summary>What a session keeps beside cookies: fields that are no secret, and where its credential comes from; never the credential.</summary>
internal sealed class SessionFile
{
    public const int Current = 1;

    public int Version { get; init; } = Current;

    public Dictionary<string, string>? Headers { get; init; }

    public SessionCredential? Credential { get; init; }
}

/// <summary>A credential by reference.</summary>
/// <param name="Origin">The one origin it is for.</param>
/// <param name="User">The user whose password is asked for each time.</param>
/// <param name="IsDigest">Whether the password is proved by digest.</param>
/// <param name="BearerEnv">The variable that holds the token.</param>
internal sealed record SessionCredential(string Origin, string? User, bool IsDigest, string? BearerEnv);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull, WriteIndented = true)]
[JsonSerializable(typeof(SessionFile))]
internal sealed partial class SessionJson : JsonSerializerContext;
