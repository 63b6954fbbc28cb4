using System.Collections;
using System.Text;

namespace Codomyrmex.Networking;

/// <summary>
/// HTTP fields by name, case-insensitive, in the order they were added (RFC 9110, section 5). Names and values are checked when they
/// are set, so a line break can never reach the wire. Not thread-safe while it is being changed.
/// </summary>
public sealed class HeaderMap : IReadOnlyCollection<KeyValuePair<string, string>>
{
    private readonly List<KeyValuePair<string, string>> _fields;

    /// <summary>Makes an empty map.</summary>
    public HeaderMap() => _fields = [];

    /// <summary>Makes a copy of fields.</summary>
    /// <param name="fields">The fields to copy.</param>
    /// <exception cref="ArgumentException">A name or value is not allowed.</exception>
    public HeaderMap(IEnumerable<KeyValuePair<string, string>> fields) : this()
    {
        ArgumentNullException.ThrowIfNull(fields);
        foreach (var (name, value) in fields)
            Add(name, value);
    }

    /// <summary>The number of fields; a field that appears twice counts twice.</summary>
    public int Count => _fields.Count;

    /// <summary>
    /// The value of a field, several joined by <c>", "</c>; null where it is absent. Setting replaces every value; setting null removes.
    /// </summary>
    /// <param name="name">The field's name.</param>
    /// <exception cref="ArgumentException">The name or value is not allowed.</exception>
    public string? this[string name]
    {
        get
        {
            string? first = null;
            StringBuilder? all = null;
            foreach (var (key, value) in _fields)
            {
                if (!key.Equals(name, StringComparison.OrdinalIgnoreCase))
                    continue;
                if (first is null)
                    first = value;
                else
                    (all ??= new StringBuilder(first)).Append(", ").Append(value);
            }
            return all?.ToString() ?? first;
        }

        set
        {
            FieldRules.CheckName(name);
            if (value is not null)
                FieldRules.CheckValue(name, value);
            _fields.RemoveAll(field => field.Key.Equals(name, StringComparison.OrdinalIgnoreCase));
            if (value is not null)
                _fields.Add(new(name, value));
        }
    }

    /// <summary>Adds a field and keeps the values it already has.</summary>
    /// <param name="name">The field's name.</param>
    /// <param name="value">The value.</param>
    /// <exception cref="ArgumentException">The name is not a token, or the value has a control character.</exception>
    public void Add(string name, string value)
    {
        FieldRules.CheckName(name);
        FieldRules.CheckValue(name, value);
        if (FieldRules.IsHost(name) && Contains(name))
            throw new ArgumentException("A request has one Host (RFC 9112, section 3.2).", nameof(name));
        _fields.Add(new(name, value));
    }

    /// <summary>Whether the field is there.</summary>
    /// <param name="name">The field's name.</param>
    public bool Contains(string name) => _fields.Exists(field => field.Key.Equals(name, StringComparison.OrdinalIgnoreCase));

    /// <summary>Every value of a field, not joined (what <c>Set-Cookie</c> needs).</summary>
    /// <param name="name">The field's name.</param>
    public IReadOnlyList<string> GetAll(string name) =>
        _fields.Where(field => field.Key.Equals(name, StringComparison.OrdinalIgnoreCase)).Select(field => field.Value).ToArray();

    /// <inheritdoc/>
    public IEnumerator<KeyValuePair<string, string>> GetEnumerator() => _fields.GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    /// <summary>One line a field; secret values are masked.</summary>
    public override string ToString()
    {
        var text = new StringBuilder();
        foreach (var (name, value) in _fields)
            text.Append(name).Append(": ").Append(Redactor.IsSecretHeader(name, value) ? Redactor.Mask : value).Append('\n');
        return text.ToString();
    }

    /// <summary>Adds what a server sent, unchecked; the platform has made spaces of NUL, CR and LF (RFC 9110, section 5.5).</summary>
    internal void AddReceived(string name, string value) => _fields.Add(new(name, value));

    /// <summary>This map with the fields of another set over it.</summary>
    internal HeaderMap Over(HeaderMap other)
    {
        if (other.Count == 0)
            return this;
        var merged = new HeaderMap();
        foreach (var field in _fields)
        {
            if (!other.Contains(field.Key))
                merged._fields.Add(field);
        }
        merged._fields.AddRange(other._fields);
        return merged;
    }
}
