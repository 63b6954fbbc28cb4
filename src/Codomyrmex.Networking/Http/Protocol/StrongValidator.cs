namespace Codomyrmex.Networking.Http.Protocol;

/// <summary>What may stand in <c>If-Range</c> (RFC 9110, section 13.1.5): a validator that is the same for the same bytes only.</summary>
internal static class StrongValidator
{
    // Section 8.8.2.2 asks for a second, and for clocks that agree; a minute makes up for clocks that do not.
    private static readonly TimeSpan LeastAge = TimeSpan.FromSeconds(60);

    /// <summary>The strong entity tag, or without any tag a Last-Modified that is strong; null where there is neither.</summary>
    public static string? Of(string? entityTag, string? lastModified, string? date)
    {
        if (entityTag is not null)
            return IsStrong(entityTag) ? entityTag : null;
        return HttpDate.Parse(lastModified) is { } modified && HttpDate.Parse(date) is { } sent && sent - modified >= LeastAge ? lastModified : null;
    }

    // Section 8.8.3: quotes around anything but quotes and controls; a weak one begins with "W/".
    private static bool IsStrong(string tag)
    {
        if (tag.Length < 2 || tag[0] != '"' || tag[^1] != '"')
            return false;
        foreach (var c in tag.AsSpan(1, tag.Length - 2))
        {
            if (c is <= ' ' or '"' or '\x7f')
                return false;
        }
        return true;
    }
}
