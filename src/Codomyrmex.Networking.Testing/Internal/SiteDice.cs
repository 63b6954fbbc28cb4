namespace Codomyrmex.Networking.Testing.Internal;

/// <summary>Numbers that are the same each time (SplitMix64).</summary>
internal sealed class SiteDice(ulong state)
{
    private ulong _state = state;

    public ulong Next()
    {
        var z = _state += 0x9E3779B97F4A7C15;
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
        return z ^ (z >> 31);
    }
}
