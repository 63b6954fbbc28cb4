namespace Codomyrmex.Networking.Http.Protocol;

/// <summary>How old a stored answer is, and how old it may get (RFC 9111, section 4.2).</summary>
internal static class Freshness
{
    private static readonly TimeSpan LongestGuess = TimeSpan.FromDays(1);

    // RFC 9110, section 15.1: these may be kept without a word about it.
    private static readonly int[] HeuristicStatuses = [200, 203, 204, 300, 301, 308, 404, 405, 410, 414, 501];

    /// <summary>How long an answer stays fresh; zero where nothing says that it does.</summary>
    public static TimeSpan Lifetime(CacheControl control, int status, string? expires, DateTimeOffset date, DateTimeOffset? lastModified)
    {
        if (control.MaxAge is { } maxAge)
            return maxAge;
        // An Expires that is no date, "0" above all, means: already expired (section 5.3).
        if (expires is not null)
            return HttpDate.Parse(expires) is { } until && until > date ? until - date : TimeSpan.Zero;
        if (lastModified is not { } modified || modified >= date || !MayBeGuessed(status))
            return TimeSpan.Zero;
        var guess = (date - modified) / 10;
        return guess < LongestGuess ? guess : LongestGuess;
    }

    public static bool MayBeGuessed(int status) => Array.IndexOf(HeuristicStatuses, status) >= 0;

    /// <summary>The age at a moment (section 4.2.3).</summary>
    public static TimeSpan Age(TimeSpan received, DateTimeOffset date, DateTimeOffset requestedAt, DateTimeOffset receivedAt, DateTimeOffset now)
    {
        var apparent = Positive(receivedAt - date);
        var corrected = received + Positive(receivedAt - requestedAt);
        return (apparent > corrected ? apparent : corrected) + Positive(now - receivedAt);
    }

    private static TimeSpan Positive(TimeSpan time) => time > TimeSpan.Zero ? time : TimeSpan.Zero;
}
