namespace Codomyrmex.Networking.Fleet.Internal.Campaigns;

/// <summary>One shard of a campaign: of which part of the plan, and which of it.</summary>
[GenerateSerializer, Immutable]
internal readonly record struct ShardKey([property: Id(0)] int Part, [property: Id(1)] int Shard)
{
    /// <summary>The key of the shard's grain.</summary>
    public string Of(string campaign) => $"{campaign}/{Part}/{Shard}";

    /// <summary>The campaign that the key of a shard's grain is of.</summary>
    public static string CampaignOf(string key) => key[..key.IndexOf('/')];
}
