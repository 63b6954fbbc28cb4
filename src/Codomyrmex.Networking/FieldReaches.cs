namespace Codomyrmex.Networking;

/// <summary>Decides which fields of the caller's go along where a server leads a request elsewhere.</summary>
internal static class FieldReaches
{
    // What the answer is to be like, what the body is, which part or version is wanted, what belongs to the trace. Families end in a dash.
    private static readonly string[] Harmless =
    [
        "Accept", "Accept-", "Cache-Control", "Content-", "DNT", "If-", "Last-Event-ID", "Pragma", "Prefer", "Priority", "Range", "Repr-Digest", "Sec-GPC",
        "Traceparent", "Tracestate", "User-Agent", "Want-Content-Digest", "Want-Repr-Digest",
    ];

    /// <summary>How far one URL, http or https, is from another that the caller named.</summary>
    public static FieldReach Between(Uri named, Uri target)
    {
        if (RequestUrl.Origin(named) == RequestUrl.Origin(target))
            return FieldReach.Origin;
        return named is { Scheme: "http", IsDefaultPort: true } && target is { Scheme: "https", IsDefaultPort: true } && Endpoint.Of(named).Host == Endpoint.Of(target).Host
            ? FieldReach.SameHostOverTls
            : FieldReach.Elsewhere;
    }

    /// <summary>Whether a field goes that far.</summary>
    /// <param name="reach">How far.</param>
    /// <param name="name">Its name.</param>
    /// <param name="value">Its value: a secret shows in it too.</param>
    /// <param name="carried">Further names that the caller lets go elsewhere.</param>
    public static bool Goes(this FieldReach reach, string name, string value, IReadOnlyList<string> carried) => reach switch
    {
        FieldReach.Origin => true,
        // The name of a host was meant for that host.
        _ when FieldRules.IsHost(name) || Redactor.IsSecretHeader(name, value) => false,
        FieldReach.SameHostOverTls => true,
        _ => IsHarmless(name) || carried.Contains(name, StringComparer.OrdinalIgnoreCase),
    };

    private static bool IsHarmless(string name)
    {
        foreach (var known in Harmless)
        {
            if (known[^1] == '-' ? name.StartsWith(known, StringComparison.OrdinalIgnoreCase) : name.Equals(known, StringComparison.OrdinalIgnoreCase))
                return true;
        }
        return false;
    }
}
