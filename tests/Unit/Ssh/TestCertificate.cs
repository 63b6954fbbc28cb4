namespace Codomyrmex.Networking.Tests.Unit.Ssh;

/// <summary>What a certificate of a test says.</summary>
internal sealed record TestCertificate
{
    public uint Kind { get; init; } = 2;

    public string[] Principals { get; init; } = ["server.example"];

    public ulong ValidAfter { get; init; }

    public ulong ValidBefore { get; init; } = ulong.MaxValue;

    public string[] CriticalOptions { get; init; } = [];
}
