using System.Net;

namespace Codomyrmex.Networking.Testing;

/// <summary>What a <see cref="ScriptedDnsServer"/> answers, and what is wrong with the answer.</summary>
public sealed record ScriptedDnsAnswer
{
    /// <summary>Silence.</summary>
    public static ScriptedDnsAnswer Nothing { get; } = new() { IsSilent = true };

    /// <summary>The name does not exist (NXDOMAIN).</summary>
    public static ScriptedDnsAnswer NoSuchName { get; } = new() { ResponseCode = 3 };

    /// <summary>The server failed (SERVFAIL).</summary>
    public static ScriptedDnsAnswer ServerFailure { get; } = new() { ResponseCode = 2 };

    /// <summary>The addresses; only those of the family asked for go out. The default value is empty: no data.</summary>
    public IReadOnlyList<IPAddress> Addresses { get; init; } = [];

    /// <summary>The name that the asked one is an alias of (CNAME); the addresses then belong to it. The default value is null.</summary>
    public string? CanonicalName { get; init; }

    /// <summary>Records of any other type: type and data as on the wire. The default value is empty.</summary>
    public IReadOnlyList<KeyValuePair<int, ReadOnlyMemory<byte>>> Records { get; init; } = [];

    /// <summary>How long it may be kept. The default value is 60 seconds.</summary>
    public TimeSpan TimeToLive { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>The response code: 0 no error, 2 server failure, 3 no such name, 5 refused. The default value is 0.</summary>
    public int ResponseCode { get; init; }

    /// <summary>Whether the answer says that it was validated by DNSSEC (the AD bit, RFC 4035, section 3.2.3). The default value is false.</summary>
    public bool IsValidated { get; init; }

    /// <summary>Whether a UDP answer says that it is truncated and carries no records, so that the client asks again over TCP. The default value is false.</summary>
    public bool IsTruncated { get; init; }

    /// <summary>A pause before the answer, on the server's clock. The default value is zero.</summary>
    public TimeSpan Delay { get; init; }

    /// <summary>Whether no answer goes out; over TCP the connection is closed. The default value is false.</summary>
    public bool IsSilent { get; init; }

    /// <summary>Whether the answer carries another id than the question. The default value is false.</summary>
    public bool HasWrongId { get; init; }

    /// <summary>Whether the answer repeats another question. The default value is false.</summary>
    public bool HasWrongQuestion { get; init; }

    /// <summary>Whether a UDP answer comes from another port than was asked. The default value is false.</summary>
    public bool IsFromOtherPort { get; init; }

    /// <summary>These bytes instead of a message. The default value is null.</summary>
    public ReadOnlyMemory<byte>? Raw { get; init; }

    /// <summary>Another answer that goes out right behind this one, over UDP only: a forged answer followed by the true one. The default value is null.</summary>
    public ScriptedDnsAnswer? Then { get; init; }

    /// <summary>An answer with addresses.</summary>
    /// <param name="addresses">The addresses.</param>
    public static ScriptedDnsAnswer Of(params IReadOnlyList<IPAddress> addresses) => new() { Addresses = addresses };

    /// <summary>An answer with addresses.</summary>
    /// <param name="addresses">The addresses as text.</param>
    public static ScriptedDnsAnswer Of(params IReadOnlyList<string> addresses) => new() { Addresses = [.. addresses.Select(IPAddress.Parse)] };
}
