namespace Codomyrmex.Networking.Http.Protocol;

/// <summary>A part of a message that a signature covers (RFC 9421, section 2).</summary>
/// <param name="Name">A field's name in lower case, or a derived component with its '@'.</param>
/// <param name="Parameters">Its parameters as they are written, each with its semicolon; empty for none.</param>
internal sealed record SignatureComponent(string Name, string Parameters)
{
    private const string QueryParameterStart = ";name=\"";
    private static readonly string[] Derived = ["@method", "@target-uri", "@authority", "@scheme", "@request-target", "@path", "@query"];

    /// <summary>The identifier as a signature's input has it.</summary>
    public string Identifier => $"\"{Name}\"{Parameters}";

    /// <summary>The name of the query parameter, as it is escaped, where it is one.</summary>
    public string? QueryParameter => Name == "@query-param" ? Parameters[QueryParameterStart.Length..^1] : null;

    /// <summary>Reads a component as a caller writes it: <c>@method</c>, <c>content-type</c>, <c>@query-param;name="id"</c>.</summary>
    /// <exception cref="ArgumentException">It is none that a request can be signed by.</exception>
    public static SignatureComponent Parse(string text, string parameter)
    {
        ArgumentException.ThrowIfNullOrEmpty(text, parameter);
        var semicolon = text.IndexOf(';', StringComparison.Ordinal);
        var component = semicolon < 0 ? new SignatureComponent(text, "") : new SignatureComponent(text[..semicolon], text[semicolon..]);
        var isKnown = component switch
        {
            { Name: "@query-param", Parameters: var name } => name.StartsWith(QueryParameterStart, StringComparison.Ordinal) && name.EndsWith('"') &&
                name.Length > QueryParameterStart.Length + 1 && !name[QueryParameterStart.Length..^1].AsSpan().ContainsAny('"', '\\', ' '),
            { Parameters.Length: > 0 } => false,
            { Name: ['@', ..] } => Derived.Contains(component.Name),
            _ => FieldRules.IsToken(component.Name) && !component.Name.Any(char.IsAsciiLetterUpper),
        };
        return isKnown ? component : throw new ArgumentException($"'{Printable.Text(text)}' is not a component that can be signed here (RFC 9421, section 2).", parameter);
    }
}
