namespace Codomyrmex.Networking.Ssh.Internal;

/// <summary>What a link needs to know to come about.</summary>
internal sealed record LinkSetup
{
    public required Endpoint Endpoint { get; init; }

    public required string User { get; init; }

    public required IReadOnlyList<SSHCredential> Credentials { get; init; }

    public required SSHAlgorithms Algorithms { get; init; }

    public required SSHAlgorithmLists AlgorithmLists { get; init; }

    public required int MinimumRsaBits { get; init; }

    public required HostKeyJudge Judge { get; init; }

    /// <summary>How long each answer of the server may take.</summary>
    public required TimeSpan AnswerTimeout { get; init; }

    /// <summary>Told what was agreed on and which key was shown, before it is judged.</summary>
    public Action<SSHConnectionFacts>? Negotiated { get; init; }

    public required RekeyRule Rekey { get; init; }

    public required TimeProvider Clock { get; init; }
}
