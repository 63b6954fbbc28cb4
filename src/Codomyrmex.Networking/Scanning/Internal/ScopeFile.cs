using System.Globalization;
using System.Text.Json;
using Codomyrmex.Networking.Security;

namespace Codomyrmex.Networking.Scanning.Internal;

/// <summary>The JSON scope file (<see cref="ScanScope.Parse"/>).</summary>
internal static class ScopeFile
{
    private const int LongestText = 1024 * 1024;
    private const int MostRules = 10_000;

    private static readonly string[] Dates = ["yyyy-MM-dd", "yyyy-MM-ddTHH:mmK", "yyyy-MM-ddTHH:mm:ssK", "yyyy-MM-dd HH:mmK", "yyyy-MM-dd HH:mm:ssK"];

    // A repeated property would let two readers of one file see two scopes (RFC 8259, section 4).
    private static readonly JsonDocumentOptions Options = new() { MaxDepth = 4, CommentHandling = JsonCommentHandling.Skip, AllowDuplicateProperties = false };

    public static ScanScope Parse(string json)
    {
        if (json.Length > LongestText)
            throw new FormatException($"The scope is longer than {LongestText} characters.");
        try
        {
            using var document = JsonDocument.Parse(json, Options);
            var scope = Read(document.RootElement);
            scope.Validate();
            return scope;
        }
        catch (Exception error) when (error is JsonException or InvalidOperationException)
        {
            throw new FormatException("The scope is not valid JSON: " + Printable.Text(error.Message), error);
        }
        catch (ArgumentException error)
        {
            throw new FormatException("The scope is wrong: " + Printable.Text(error.Message), error);
        }
    }

    private static ScanScope Read(JsonElement root)
    {
        if (root.ValueKind != JsonValueKind.Object)
            throw new FormatException("The scope is not a JSON object.");
        var scope = new ScanScope();
        var hasAllow = false;
        foreach (var property in root.EnumerateObject())
        {
            switch (property.Name)
            {
                case "name":
                    scope = scope with { Name = Text(property) };
                    break;
                case "allow":
                    (scope, hasAllow) = (scope with { Allow = Rules(property) }, true);
                    break;
                case "deny":
                    scope = scope with { Deny = Rules(property) };
                    break;
                case "ports":
                    scope = scope with { Ports = PortSet.Parse(Text(property)) };
                    break;
                case "from":
                    scope = scope with { From = Date(property) };
                    break;
                case "until":
                    scope = scope with { Until = Date(property) };
                    break;
                default:
                    throw new FormatException($"The scope has an unknown property '{Printable.Text(property.Name)}'; it knows name, allow, deny, ports, from and until.");
            }
        }
        return hasAllow ? scope : throw new FormatException("The scope's property 'allow' is missing: the hosts and networks that may be scanned.");
    }

    private static string Text(JsonProperty property) => property.Value.ValueKind == JsonValueKind.String
        ? property.Value.GetString()!
        : throw new FormatException($"The scope's property '{property.Name}' is not a string.");

    private static EgressRule[] Rules(JsonProperty property)
    {
        if (property.Value.ValueKind != JsonValueKind.Array || property.Value.GetArrayLength() > MostRules)
            throw new FormatException($"The scope's property '{property.Name}' is not an array of at most {MostRules} rules.");
        return [.. property.Value.EnumerateArray().Select(item => item.ValueKind == JsonValueKind.String
            ? EgressRule.Parse(item.GetString()!)
            : throw new FormatException($"The scope's property '{property.Name}' has an item that is not a string."))];
    }

    private static DateTimeOffset Date(JsonProperty property) =>
        DateTimeOffset.TryParseExact(Text(property), Dates, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var date)
            ? date
            : throw new FormatException($"The scope's property '{property.Name}' is not a date: write 2026-11-01 or 2026-11-01T18:00Z.");
}
