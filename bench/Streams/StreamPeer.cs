namespace Codomyrmex.Networking.Benchmarks.Streams;

/// <summary>A reader under measurement.</summary>
/// <param name="Name">Its name; ours begin with "ours".</param>
/// <param name="ReadAsync">Reads the whole body once; gives how many items there were, and the sum of what is in them.</param>
internal sealed record StreamPeer(string Name, Func<Task<(long Items, long Sum)>> ReadAsync)
{
    public const string Own = "ours";

    public List<double> Nanoseconds { get; } = [];

    public double BytesPerItem { get; set; }
}
