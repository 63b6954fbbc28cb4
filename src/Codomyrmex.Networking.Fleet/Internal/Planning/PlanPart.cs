namespace Codomyrmex.Networking.Fleet.Internal.Planning;

/// <summary>Some ports of some addresses, cut into shards. How it is cut never changes, so that a shard's number always means the same.</summary>
[GenerateSerializer]
internal sealed class PlanPart
{
    [Id(0)]
    public string[] Targets { get; set; } = [];

    [Id(1)]
    public string Ports { get; set; } = "";

    /// <summary>Whether all addresses of a /24 (IPv6: /64) are in one shard.</summary>
    [Id(2)]
    public bool ByNetwork { get; set; }

    [Id(3)]
    public int Shards { get; set; }

    /// <summary>Pairs of an address and a port.</summary>
    [Id(4)]
    public long Cells { get; set; }
}
