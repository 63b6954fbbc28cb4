namespace Codomyrmex.Networking.Testing.Internal;

/// <summary>Header fields on their way out.</summary>
internal static class FieldText
{
    /// <summary>The line of a field, refused where it would break out of its line.</summary>
    public static string Checked(string name, string value)
    {
        if (name.Length == 0 || name.AsSpan().ContainsAny("\r\n: ") || value.AsSpan().ContainsAny("\r\n\0"))
            throw new ArgumentException($"The header field '{name}' holds a line break or another character that it may not hold.", nameof(value));
        return name + ": " + value;
    }
}
