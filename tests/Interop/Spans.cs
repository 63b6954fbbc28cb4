using System.Collections.ObjectModel;
using System.Diagnostics;

namespace Codomyrmex.Networking.Tests.Interop;

/// <summary>Where an exporter in memory puts spans: those of other tests arrive at the same time.</summary>
internal sealed class Spans : Collection<Activity>
{
    private readonly Lock _lock = new();

    public Activity[] Taken()
    {
        lock (_lock)
            return [.. this];
    }

    protected override void InsertItem(int index, Activity item)
    {
        lock (_lock)
            base.InsertItem(Count, item);
    }
}
