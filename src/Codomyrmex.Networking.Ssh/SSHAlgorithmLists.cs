using Codomyrmex.Networking.Ssh.Internal.Engine;

namespace Codomyrmex.Networking.Ssh;

/// <summary>
/// Which of a profile's algorithms are offered, and in which order, each list written as in <c>ssh_config</c>: names and patterns between commas; with a <c>-</c> before them all but those, with a
/// <c>^</c> those first. A list never adds what <see cref="SSHClientOptions.Algorithms"/> leaves out. Immutable.
/// </summary>
public sealed record SSHAlgorithmLists
{
    /// <summary>Everything that the profile has, in its order.</summary>
    public static SSHAlgorithmLists Default { get; } = new();

    /// <summary>Key exchanges, as <c>KexAlgorithms</c> names them. The default value is null: all.</summary>
    public string? KeyExchanges { get; init; }

    /// <summary>
    /// Host key algorithms, as <c>HostKeyAlgorithms</c> names them. Those that the host is known by come first, whatever the order here. The default value is null: all.
    /// </summary>
    public string? HostKeys { get; init; }

    /// <summary>Ciphers, as <c>Ciphers</c> names them. The default value is null: all.</summary>
    public string? Ciphers { get; init; }

    /// <summary>Integrity checks, as <c>MACs</c> names them; ciphers that check it themselves need none. The default value is null: all.</summary>
    public string? Integrity { get; init; }

    /// <summary>Throws where a list is malformed, or leaves nothing of a profile.</summary>
    /// <exception cref="ArgumentException">A property is wrong; its name is in the message.</exception>
    internal void Validate(SSHAlgorithms profile)
    {
        Demand(nameof(KeyExchanges), KeyExchanges, () => EngineAlgorithms.Exchanges(profile, this));
        Demand(nameof(HostKeys), HostKeys, () => EngineAlgorithms.HostKeys(profile, this));
        Demand(nameof(Ciphers), Ciphers, () => EngineAlgorithms.Ciphers(profile, this));
        Demand(nameof(Integrity), Integrity, () => EngineAlgorithms.Integrity(profile, this));

        void Demand(string property, string? list, Func<string[]> offered)
        {
            string[] left;
            try
            {
                left = offered();
            }
            catch (FormatException malformed)
            {
                throw new ArgumentException($"SSHClientOptions.AlgorithmLists.{property}: {malformed.Message}", property, malformed);
            }
            if (left.Length == 0)
                throw new ArgumentException($"SSHClientOptions.AlgorithmLists.{property}: '{Printable.Text(list, 80)}' leaves nothing of what SSHAlgorithms.{profile} offers.", property);
        }
    }
}
