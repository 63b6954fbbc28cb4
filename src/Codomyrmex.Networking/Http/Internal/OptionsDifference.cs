using System.Collections;
using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Reflection;
using Codomyrmex.Networking.Resilience;
using Codomyrmex.Networking.Transport;

namespace Codomyrmex.Networking.Http.Internal;

/// <summary>Which settings differ. Their types are named here, so that trimming keeps their properties; a setting added to one of them is found by itself.</summary>
internal static class OptionsDifference
{
    private const DynamicallyAccessedMemberTypes Properties = DynamicallyAccessedMemberTypes.PublicProperties;

    public static IEnumerable<string> Between(HTTPClientOptions before, HTTPClientOptions after) =>
        new[]
        {
            Of(typeof(HTTPClientOptions), "", before, after, nameof(before.Timeouts), nameof(before.Redirects), nameof(before.Retry), nameof(before.Limits), nameof(before.Transport)),
            Of(typeof(Timeouts), "Timeouts.", before.Timeouts, after.Timeouts),
            Of(typeof(RedirectOptions), "Redirects.", before.Redirects, after.Redirects),
            Of(typeof(RetryOptions), "Retry.", before.Retry, after.Retry),
            Of(typeof(ResponseLimits), "Limits.", before.Limits, after.Limits),
            Of(typeof(TransportOptions), "Transport.", before.Transport, after.Transport, nameof(before.Transport.Pool), nameof(before.Transport.Tls), nameof(before.Transport.Resolver)),
            Of(typeof(PoolOptions), "Transport.Pool.", before.Transport.Pool, after.Transport.Pool),
            Of(typeof(TlsOptions), "Transport.Tls.", before.Transport.Tls, after.Transport.Tls),
            Of(typeof(ResolverOptions), "Transport.Resolver.", before.Transport.Resolver, after.Transport.Resolver),
        }.SelectMany(lines => lines).Order(StringComparer.Ordinal);

    private static IEnumerable<string> Of([DynamicallyAccessedMembers(Properties)] Type type, string path, object before, object after, params string[] elsewhere)
    {
        var lines = new List<string>();
        foreach (var property in type.GetProperties(BindingFlags.Public | BindingFlags.Instance))
        {
            if (elsewhere.Contains(property.Name))
                continue;
            var (old, now) = (property.GetValue(before), property.GetValue(after));
            if (!AreEqual(old, now))
                lines.Add($"{path}{property.Name}: {Text(old)} → {Text(now)}");
        }
        return lines;
    }

    private static bool AreEqual(object? a, object? b) =>
        Equals(a, b) || (a is not (null or string) && a is IEnumerable all && b is IEnumerable other && all.Cast<object?>().SequenceEqual(other.Cast<object?>()));

    // Records of ours mask their secrets themselves; what a list holds is nobody's to show but for numbers.
    private static string Text(object? value) => value switch
    {
        null => "none",
        string text => Redactor.Redact(text),
        IEnumerable<int> numbers => $"[{string.Join(", ", numbers)}]",
        HeaderMap fields => $"{fields.Count} fields",
        IEnumerable items => $"{items.Cast<object?>().Count()} entries",
        Delegate => "a function",
        IFormattable number => number.ToString(null, CultureInfo.InvariantCulture),
        _ => value.ToString() ?? "",
    };
}
