namespace Codomyrmex.Networking.Http.Internal;

/// <summary>Binds something secret to the first origin that it is asked about, for good. Thread-safe.</summary>
internal sealed class OriginBinding(string? origin = null)
{
    private string? _origin = origin;

    /// <summary>The origin; null before the first question.</summary>
    public string? Origin => Volatile.Read(ref _origin);

    /// <summary>Whether it belongs to an origin.</summary>
    public bool Holds(string origin) => (Interlocked.CompareExchange(ref _origin, origin, null) ?? origin).Equals(origin, StringComparison.Ordinal);
}
