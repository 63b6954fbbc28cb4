namespace Codomyrmex.Networking.Http.Internal;

/// <summary>
/// The last few URLs as they were parsed: programs call the same ones again and again, and parsing costs more than the policy, the
/// deadline and the retry budget together. Thread-safe; a lost update costs one parse.
/// </summary>
internal sealed class UrlCache
{
    private const int Slots = 64;
    private readonly Entry?[] _slots = new Entry?[Slots];

    public ParsedUrl Get(string url, Uri? baseUrl, bool allowOtherOrigins)
    {
        ArgumentNullException.ThrowIfNull(url);
        var slot = (url.Length * 31 + (url.Length > 0 ? url[^1] * 7 + url[url.Length / 2] : 0)) & (Slots - 1);
        if (Volatile.Read(ref _slots[slot]) is { } entry && entry.Text == url)
            return entry.Url;
        var parsed = ParsedUrl.Of(RequestUrl.Resolve(url, baseUrl, allowOtherOrigins));
        // A one-off with a password in it has no business staying in memory.
        if (parsed.Credential is null)
            Volatile.Write(ref _slots[slot], new Entry(url, parsed));
        return parsed;
    }

    private sealed class Entry(string text, ParsedUrl url)
    {
        public string Text { get; } = text;

        public ParsedUrl Url { get; } = url;
    }
}
