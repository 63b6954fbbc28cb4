using System.Diagnostics;
using Codomyrmex.Networking.Benchmarks.Suite;

namespace Codomyrmex.Networking.Benchmarks.Streams;

/// <summary>The same body for several readers in turn, in short slices: what another program adds to a slice is never negative.</summary>
internal sealed class StreamScenario(string title, IReadOnlyList<StreamPeer> peers)
{
    private const int WarmUps = 60;

    public string Title => title;

    public IReadOnlyList<StreamPeer> Peers => peers;

    public async Task RunAsync(int slices)
    {
        (long Items, long Sum)? expected = null;
        foreach (var peer in peers)
        {
            var read = await peer.ReadAsync();
            if ((expected ??= read) != read)
                throw new InvalidOperationException($"{title}: {peer.Name} read {read}, {peers[0].Name} {expected}.");
        }
        // Twice with a pause between: what is compiled in the background is there for the second half.
        for (var half = 0; half < 2; half++)
        {
            for (var i = 0; i < WarmUps; i++)
                await SliceAsync(i);
            await Task.Delay(200);
        }
        foreach (var peer in peers)
        {
            var before = GC.GetTotalAllocatedBytes(precise: true);
            await peer.ReadAsync();
            peer.BytesPerItem = (GC.GetTotalAllocatedBytes(precise: true) - before) / (double)expected!.Value.Items;
            peer.Nanoseconds.Clear();
        }
        for (var i = 0; i < slices; i++)
            await SliceAsync(i);
    }

    /// <summary>How many times as fast ours is: by the least slices, or by the middle ones of each round.</summary>
    public (double Least, double Median) Speed(StreamPeer own, StreamPeer peer) =>
        (peer.Nanoseconds.Min() / own.Nanoseconds.Min(), Statistics.MedianRatio(peer.Nanoseconds, own.Nanoseconds));

    private async Task SliceAsync(int round)
    {
        for (var i = 0; i < peers.Count; i++)
        {
            var peer = peers[(i + round) % peers.Count];
            var start = Stopwatch.GetTimestamp();
            var (items, _) = await peer.ReadAsync();
            peer.Nanoseconds.Add(Stopwatch.GetElapsedTime(start).TotalNanoseconds / items);
        }
    }
}
