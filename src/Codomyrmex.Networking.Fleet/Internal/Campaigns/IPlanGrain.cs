using Codomyrmex.Networking.Fleet.Internal.Planning;

namespace Codomyrmex.Networking.Fleet.Internal.Campaigns;

/// <summary>One version of a campaign's plan, which never changes. Its key is <see cref="CampaignDocument.PlanKey"/>.</summary>
internal interface IPlanGrain : IGrainWithStringKey
{
    /// <summary>Writes it down.</summary>
    Task WriteAsync(PlanDocument plan);

    Task<PlanDocument> ReadAsync();
}
