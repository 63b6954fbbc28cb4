namespace Codomyrmex.Networking.Tests.Fleet.Fixtures;

/// <summary>One lab for all tests of clusters, which take turns: what is lost in one is there again in the next.</summary>
[CollectionDefinition(Name)]
public sealed class LabFixture : IAsyncLifetime, ICollectionFixture<LabFixture>
{
    public const string Name = "lab";

    internal FleetLab Fleet { get; private set; } = null!;

    /// <summary>What nmap finds; null until it was asked.</summary>
    internal string[]? Expected { get; set; }

    public async ValueTask InitializeAsync() => Fleet = await FleetLab.StartAsync();

    public ValueTask DisposeAsync() => Fleet.DisposeAsync();
}
