using System.Globalization;

namespace Codomyrmex.Networking.Http.Protocol;

/// <summary>The directives of a <c>Cache-Control</c> field that a private cache obeys (RFC 9111, section 5.2; RFC 5861, section 4).</summary>
internal readonly record struct CacheControl
{
    // RFC 9111, section 1.2.2: a larger value counts as this one, or at least as "very long".
    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(int.MaxValue);

    public bool NoStore { get; private init; }

    public bool NoCache { get; private init; }

    public bool MustRevalidate { get; private init; }

    public bool OnlyIfCached { get; private init; }

    public TimeSpan? MaxAge { get; private init; }

    public TimeSpan? MinFresh { get; private init; }

    /// <summary>How stale an answer the request takes; <see cref="TimeSpan.MaxValue"/> for any.</summary>
    public TimeSpan? MaxStale { get; private init; }

    public TimeSpan? StaleIfError { get; private init; }

    /// <summary>Reads a field's value, several joined by commas. Unknown directives are skipped; of two, the stricter one counts.</summary>
    public static CacheControl Parse(ReadOnlySpan<char> text)
    {
        var control = default(CacheControl);
        while (!text.IsEmpty)
        {
            var length = DirectiveLength(text);
            var directive = text[..length].Trim();
            text = text[Math.Min(length + 1, text.Length)..];
            var equals = directive.IndexOf('=');
            var name = (equals < 0 ? directive : directive[..equals]).Trim();
            control = control.With(name, equals < 0 ? default : directive[(equals + 1)..].Trim().Trim('"'), equals >= 0);
        }
        return control;
    }

    private CacheControl With(ReadOnlySpan<char> name, ReadOnlySpan<char> value, bool hasValue)
    {
        if (Is(name, "no-store"))
            return this with { NoStore = true };
        // With field names it covers these alone; asking again for the whole is allowed, and simpler (section 5.2.2.4).
        if (Is(name, "no-cache"))
            return this with { NoCache = true };
        if (Is(name, "must-revalidate"))
            return this with { MustRevalidate = true };
        if (Is(name, "only-if-cached"))
            return this with { OnlyIfCached = true };
        if (Is(name, "max-age"))
            return this with { MaxAge = Stricter(MaxAge, Seconds(value)) };
        if (Is(name, "min-fresh"))
            return this with { MinFresh = Seconds(value) };
        if (Is(name, "max-stale"))
            return this with { MaxStale = hasValue ? Seconds(value) : TimeSpan.MaxValue };
        if (Is(name, "stale-if-error"))
            return this with { StaleIfError = Stricter(StaleIfError, Seconds(value)) };
        return this;
    }

    private static bool Is(ReadOnlySpan<char> name, string directive) => name.Equals(directive, StringComparison.OrdinalIgnoreCase);

    private static TimeSpan Stricter(TimeSpan? one, TimeSpan other) => one < other ? one.Value : other;

    // What is no number counts as no time at all: stale rather than fresh for ever (section 4.2.1).
    private static TimeSpan Seconds(ReadOnlySpan<char> text)
    {
        if (text.IsEmpty || text.IndexOfAnyExceptInRange('0', '9') >= 0)
            return TimeSpan.Zero;
        return long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var seconds) && seconds < int.MaxValue
            ? TimeSpan.FromSeconds(seconds)
            : Longest;
    }

    /// <summary>Up to the next comma that is not within quotes.</summary>
    private static int DirectiveLength(ReadOnlySpan<char> text)
    {
        var isQuoted = false;
        for (var i = 0; i < text.Length; i++)
        {
            if (text[i] == '"')
                isQuoted = !isQuoted;
            else if (text[i] == '\\' && isQuoted)
                i++;
            else if (text[i] == ',' && !isQuoted)
                return i;
        }
        return text.Length;
    }
}
