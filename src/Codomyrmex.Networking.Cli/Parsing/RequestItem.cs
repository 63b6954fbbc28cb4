using System.Text;
using System.Text.Json;

namespace Codomyrmex.Networking.Cli.Parsing;

/// <summary>A request item in HTTPie's notation. A backslash before a separator's character makes it part of the name.</summary>
/// <param name="Kind">What it adds.</param>
/// <param name="Name">Its name.</param>
/// <param name="Value">Its value, unparsed.</param>
internal sealed record RequestItem(RequestItemKind Kind, string Name, string Value)
{
    // At one position the longer separator wins.
    private static readonly (string Text, RequestItemKind Kind)[] Separators =
    [
        (":=", RequestItemKind.Json), ("==", RequestItemKind.Query), ("=", RequestItemKind.Field), (":", RequestItemKind.Header),
        ("@", RequestItemKind.File),
    ];

    /// <summary>Reads an item.</summary>
    /// <exception cref="UsageException">The text is none, or its JSON is malformed; the message names it.</exception>
    public static RequestItem Parse(string text)
    {
        var name = new StringBuilder();
        for (var i = 0; i < text.Length; i++)
        {
            if (text[i] == '\\' && i + 1 < text.Length && text[i + 1] is ':' or '=' or '@' or '\\')
            {
                name.Append(text[++i]);
                continue;
            }
            foreach (var (separator, kind) in Separators)
            {
                if (string.CompareOrdinal(text, i, separator, 0, separator.Length) == 0)
                    return Checked(new RequestItem(kind, name.ToString(), text[(i + separator.Length)..]), text);
            }
            name.Append(text[i]);
        }
        throw new UsageException(
            $"'{text}' is not a request item; write name=value, name:=json, name==query, Name:header or field@file.", text);
    }

    private static RequestItem Checked(RequestItem item, string text)
    {
        if (item.Name.Length == 0)
            throw new UsageException($"'{text}' has no name before its separator.", text);
        if (item.Kind == RequestItemKind.Json)
            CheckJson(item, text);
        if (item.Kind == RequestItemKind.File && !System.IO.File.Exists(item.Value))
            throw new UsageException($"'{text}': there is no file '{item.Value}'.", text);
        return item.Kind == RequestItemKind.Header ? item with { Value = item.Value.Trim() } : item;
    }

    private static void CheckJson(RequestItem item, string text)
    {
        try
        {
            using var document = JsonDocument.Parse(item.Value);
        }
        catch (JsonException error)
        {
            throw new UsageException($"'{text}': the value of '{item.Name}' is not JSON: {error.Message}", text, error);
        }
    }
}
