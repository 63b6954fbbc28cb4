using System.Buffers;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Codomyrmex.Networking.Scanning;
using Codomyrmex.Networking.Security;

namespace Codomyrmex.Networking.Fleet.Internal.Planning;

/// <summary>Writes a plan in texts: a scope and a policy as their files are written.</summary>
internal static class PlanWriter
{
    public static PlanText Write(CampaignPlan plan) => new()
    {
        Name = plan.Name,
        Targets = [.. PlanBuilder.TextOf(plan.Targets), .. plan.Targets.Names],
        Exclusions = [.. plan.Targets.ExcludedBlocks, .. plan.Targets.ExcludedNames],
        Ports = plan.Ports.ToString(),
        Scope = plan.Scope is { } scope ? Json(writer => Write(writer, scope)) : null,
        Policy = Text(plan.Policy),
        Rate = plan.ProbesPerSecond,
        PerHost = plan.ProbesPerSecondPerHost,
        PerNetwork = plan.ProbesPerSecondPerNetwork,
        Seed = plan.Seed ?? BitConverter.ToUInt64(RandomNumberGenerator.GetBytes(8)),
        Mode = (int)plan.Mode,
        Discovery = (int)plan.Discovery,
        Retries = plan.Retries,
    };

    /// <summary>A policy as its files are written.</summary>
    public static string Text(EgressPolicy policy) => Json(writer => Write(writer, policy));

    private static void Write(Utf8JsonWriter writer, ScanScope scope)
    {
        writer.WriteString("name", scope.Name);
        WriteRules(writer, "allow", scope.Allow);
        WriteRules(writer, "deny", scope.Deny);
        if (scope.Ports is { } ports)
            writer.WriteString("ports", ports.ToString());
        if (scope.From is { } from)
            writer.WriteString("from", Date(from));
        if (scope.Until is { } until)
            writer.WriteString("until", Date(until));
    }

    private static void Write(Utf8JsonWriter writer, EgressPolicy policy)
    {
        writer.WriteString("preset", policy.Preset switch
        {
            EgressPreset.Unrestricted => "unrestricted",
            EgressPreset.PublicInternetOnly => "public-only",
            _ => "nothing",
        });
        WriteRules(writer, "allow", policy.AllowRules);
        WriteRules(writer, "deny", policy.DenyRules);
        if (policy.AllowedSchemes.Count == 0)
            return;
        writer.WriteStartArray("schemes");
        foreach (var scheme in policy.AllowedSchemes)
            writer.WriteStringValue(scheme);
        writer.WriteEndArray();
    }

    private static void WriteRules(Utf8JsonWriter writer, string name, IReadOnlyList<EgressRule> rules)
    {
        writer.WriteStartArray(name);
        foreach (var rule in rules)
            writer.WriteStringValue(rule.ToString());
        writer.WriteEndArray();
    }

    private static string Date(DateTimeOffset date) => date.UtcDateTime.ToString("yyyy-MM-ddTHH:mm:ssZ", CultureInfo.InvariantCulture);

    private static string Json(Action<Utf8JsonWriter> write)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(buffer))
        {
            writer.WriteStartObject();
            write(writer);
            writer.WriteEndObject();
        }
        return Encoding.UTF8.GetString(buffer.WrittenSpan);
    }
}
