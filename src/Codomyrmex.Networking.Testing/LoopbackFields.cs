using System.Collections;

namespace Codomyrmex.Networking.Testing;

/// <summary>Names and values in the order in which they came, names repeated where they were: a header section or a query. Immutable.</summary>
public sealed class LoopbackFields : IReadOnlyList<KeyValuePair<string, string>>
{
    private readonly List<KeyValuePair<string, string>> _entries;
    private readonly StringComparison _comparison;

    internal LoopbackFields(List<KeyValuePair<string, string>> entries, StringComparison comparison)
    {
        _entries = entries;
        _comparison = comparison;
    }

    /// <inheritdoc/>
    public int Count => _entries.Count;

    /// <inheritdoc/>
    public KeyValuePair<string, string> this[int index] => _entries[index];

    /// <summary>The first value of a name, or null.</summary>
    /// <param name="name">The name: without case for headers, with case for a query.</param>
    public string? this[string name]
    {
        get
        {
            foreach (var (key, value) in _entries)
            {
                if (key.Equals(name, _comparison))
                    return value;
            }
            return null;
        }
    }

    /// <summary>Every value of a name, in order; empty where there is none.</summary>
    /// <param name="name">The name.</param>
    public IReadOnlyList<string> GetValues(string name) =>
        [.. _entries.Where(entry => entry.Key.Equals(name, _comparison)).Select(static entry => entry.Value)];

    /// <summary>Whether a name is there.</summary>
    /// <param name="name">The name.</param>
    public bool Contains(string name) => this[name] is not null;

    /// <inheritdoc/>
    public IEnumerator<KeyValuePair<string, string>> GetEnumerator() => _entries.GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();
}
