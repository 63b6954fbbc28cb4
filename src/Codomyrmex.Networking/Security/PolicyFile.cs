using System.Text.Json;

namespace Codomyrmex.Networking.Security;

/// <summary>The JSON policy file (<see cref="EgressPolicy.Parse"/>).</summary>
internal static class PolicyFile
{
    private const int LongestText = 1024 * 1024;
    private const int MostItems = 10_000;

    // A duplicate property would let two readers of one file see two policies (RFC 8259, section 4).
    private static readonly JsonDocumentOptions Options = new()
    {
        MaxDepth = 4,
        CommentHandling = JsonCommentHandling.Skip,
        AllowDuplicateProperties = false,
    };

    public static EgressPolicy Parse(string json)
    {
        if (json.Length > LongestText)
            throw new FormatException($"The policy is longer than {LongestText} characters.");
        try
        {
            using var document = JsonDocument.Parse(json, Options);
            return Read(document.RootElement);
        }
        catch (Exception error) when (error is JsonException or ArgumentException or InvalidOperationException)
        {
            // Besides JsonException: text with unpaired surrogates, which has no UTF-8 form.
            throw new FormatException("The policy is not valid JSON: " + Printable.Text(error.Message), error);
        }
    }

    private static EgressPolicy Read(JsonElement root)
    {
        if (root.ValueKind != JsonValueKind.Object)
            throw new FormatException("The policy is not a JSON object.");
        EgressPolicy? policy = null;
        string[] allow = [], deny = [];
        string[]? schemes = null;
        foreach (var property in root.EnumerateObject())
        {
            switch (property.Name)
            {
                case "preset":
                    policy = EgressPolicy.FromName(Text(property.Value, "preset"));
                    break;
                case "allow":
                    allow = List(property);
                    break;
                case "deny":
                    deny = List(property);
                    break;
                case "schemes":
                    schemes = List(property);
                    break;
                default:
                    throw new FormatException($"The policy has an unknown property '{Printable.Text(property.Name)}'.");
            }
        }
        if (policy is null)
            throw new FormatException("The policy's property 'preset' is missing: unrestricted, public-only or nothing.");
        policy = policy.Allowing(allow).Denying(deny);
        return schemes is null ? policy : policy.WithSchemes(schemes);
    }

    private static string[] List(JsonProperty property)
    {
        if (property.Value.ValueKind != JsonValueKind.Array)
            throw new FormatException($"The policy's property '{property.Name}' is not a list.");
        if (property.Value.GetArrayLength() > MostItems)
            throw new FormatException($"The policy's property '{property.Name}' has more than {MostItems} items.");
        return [.. property.Value.EnumerateArray().Select(item => Text(item, property.Name))];
    }

    private static string Text(JsonElement value, string property) => value.ValueKind == JsonValueKind.String
        ? value.GetString()!
        : throw new FormatException($"The policy's property '{property}' holds something that is not text.");
}
