namespace Codomyrmex.Networking.Fleet.Internal.Campaigns;

/// <summary>The machines that work on a campaign, as each has told last.</summary>
internal sealed class CampaignMachines
{
    private readonly Dictionary<string, RenewRequest> _last = [];

    public IEnumerable<RenewRequest> All => _last.Values;

    public int Count => _last.Count;

    /// <summary>Takes what a machine tells; false where a later request of it has come before.</summary>
    public bool Take(RenewRequest request)
    {
        if (_last.TryGetValue(request.Machine, out var last) && last.Sequence >= request.Sequence)
            return false;
        _last[request.Machine] = request;
        return true;
    }

    public void Remove(string machine) => _last.Remove(machine);
}
