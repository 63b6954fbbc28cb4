using System.Text.Json;

namespace Codomyrmex.Networking.Http.Protocol;

/// <summary>What an answer says about an operation that a service goes on with. Pure.</summary>
internal sealed record OperationDocument
{
    /// <summary>Its <c>status</c>.</summary>
    public string? Status { get; init; }

    /// <summary>The <c>provisioningState</c> of a resource's properties.</summary>
    public string? ProvisioningState { get; init; }

    /// <summary>Its <c>percentComplete</c>, 0 to 100.</summary>
    public double? Percent { get; init; }

    /// <summary>Its <c>resourceLocation</c>: where the result is.</summary>
    public string? ResourceLocation { get; init; }

    /// <summary>The code and message of its <c>error</c>; empty where it has none.</summary>
    public string Error { get; init; } = "";

    /// <summary>Reads a body; null where it is no such document.</summary>
    public static OperationDocument? Parse(ReadOnlyMemory<byte> body)
    {
        if (body.IsEmpty)
            return null;
        try
        {
            using var document = JsonDocument.Parse(body);
            var root = document.RootElement;
            if (root.ValueKind != JsonValueKind.Object)
                return null;
            return new OperationDocument
            {
                Status = Text(root, "status"),
                ProvisioningState = Object(root, "properties") is { } properties ? Text(properties, "provisioningState") : null,
                Percent = root.TryGetProperty("percentComplete", out var percent) && percent.ValueKind == JsonValueKind.Number && percent.TryGetDouble(out var number) ? Math.Clamp(number, 0, 100) : null,
                ResourceLocation = Text(root, "resourceLocation"),
                Error = Object(root, "error") is { } error ? $"{Text(error, "code")} {Text(error, "message")}".Trim() : "",
            };
        }
        // The second is for names and texts with half a surrogate pair in them.
        catch (Exception error) when (error is JsonException or InvalidOperationException)
        {
            return null;
        }
    }

    private static string? Text(JsonElement parent, string name) => parent.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;

    private static JsonElement? Object(JsonElement parent, string name) => parent.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.Object ? value : null;
}
