using Codomyrmex.Networking.Fleet.Internal.Planning;

namespace Codomyrmex.Networking.Fleet.Internal.Campaigns;

/// <summary>One version of a campaign's plan, which never changes. Its key is <see cref="CampaignDocument.PlanKey"/>.</summary>
internal interface IPlanGrain : IGrainWithStringKey
{
    /// <summary>Writes it down, where there is none yet. The one that is there then.</summary>
    Task<PlanDocument> WriteAsync(PlanDocument plan);

    Task<PlanDocument> ReadAsync();

    /// <summary>Takes it away. Nobody has it in force any more.</summary>
    Task ForgetAsync();
}
