namespace Codomyrmex.Networking.Http.Internal;

/// <summary>
/// The last few URLs as they were parsed: programs call the same ones again and again, and parsing costs more than the policy, the
/// deadline and the retry budget together. Thread-safe; a lost update costs one parse.
/// </summary>
internal sealed class UrlCache
{
    private const int Slots = 64;
    private readonly (string Text, ParsedUrl Url)?[] _slots = new (string, ParsedUrl)?[Slots];
    private readonly Lock _lock = new();

    public ParsedUrl Get(string url, Uri? baseUrl, bool allowOtherOrigins)
    {
        ArgumentNullException.ThrowIfNull(url);
        var slot = (url.Length * 31 + (url.Length > 0 ? url[^1] * 7 + url[url.Length / 2] : 0)) & (Slots - 1);
        lock (_lock)
        {
            if (_slots[slot] is var (text, known) && text == url)
                return known;
        }
        var parsed = ParsedUrl.Of(RequestUrl.Resolve(url, baseUrl, allowOtherOrigins));
        // A one-off with a password in it has no business staying in memory.
        if (parsed.Credential is null)
        {
            lock (_lock)
                _slots[slot] = (url, parsed);
        }
        return parsed;
    }
}
