using System.Text.Json;
using Codomyrmex.Networking.Http.Internal;

namespace Codomyrmex.Networking.Http;

/// <summary>
/// Cookies (RFC 6265bis), for <see cref="HTTPClientOptions.Cookies"/>; several clients may share a jar. A cookie goes to the hosts, paths and schemes it was set for,
/// and to no others. One for a public suffix (<c>com</c>, <c>co.uk</c>, <c>github.io</c>) is refused. Thread-safe.
/// </summary>
public sealed class CookieJar
{
    private const long LargestFile = 64L * 1024 * 1024;

    private readonly Lock _lock = new();
    private readonly CookieStore _store;

    /// <summary>Makes an empty jar.</summary>
    /// <param name="options">Its size; null for the defaults.</param>
    /// <exception cref="ArgumentException">A setting is wrong; its name is in the message.</exception>
    public CookieJar(CookieJarOptions? options = null)
    {
        Options = options ?? CookieJarOptions.Default;
        Options.Validate();
        _store = new CookieStore(Options.PerSite, Options.Total);
    }

    /// <summary>The settings.</summary>
    public CookieJarOptions Options { get; }

    /// <summary>How many cookies there are, of which some may have expired.</summary>
    public int Count
    {
        get
        {
            lock (_lock)
                return _store.Count;
        }
    }

    /// <summary>The cookies that have not expired, as they are now, in the order of their creation.</summary>
    public IReadOnlyList<StoredCookie> Cookies
    {
        get
        {
            lock (_lock)
                return _store.Unexpired(Now);
        }
    }

    /// <summary>Takes a <c>Set-Cookie</c> field as if the URL had answered with it.</summary>
    /// <param name="url">An absolute http or https URL.</param>
    /// <param name="setCookie">The field's value, for example <c>id=7; Path=/; Secure</c>.</param>
    /// <returns>Whether a cookie was stored, or one was removed; false where the rules refuse it.</returns>
    public bool Set(Uri url, string setCookie)
    {
        ArgumentNullException.ThrowIfNull(url);
        ArgumentNullException.ThrowIfNull(setCookie);
        return Set(url, Endpoint.Of(url).Host, setCookie);
    }

    /// <summary>The <c>Cookie</c> field for a request, those with the longer path first, then the older; null where there is none to send.</summary>
    /// <param name="url">An absolute http or https URL.</param>
    public string? HeaderFor(Uri url)
    {
        ArgumentNullException.ThrowIfNull(url);
        return HeaderFor(url, Endpoint.Of(url).Host);
    }

    /// <summary>Removes cookies.</summary>
    /// <param name="matches">Whether one is to go. Called under the jar's lock.</param>
    /// <returns>How many went.</returns>
    public int Remove(Func<StoredCookie, bool> matches)
    {
        ArgumentNullException.ThrowIfNull(matches);
        lock (_lock)
            return _store.Remove(cookie => matches(cookie.ToStored()));
    }

    /// <summary>Ends the session: removes the cookies that have no date to end at.</summary>
    public int EndSession() => Remove(static cookie => cookie.ExpiresAt is null);

    /// <summary>Removes every cookie.</summary>
    public void Clear()
    {
        lock (_lock)
            _store.Clear();
    }

    /// <summary>Opens a jar that was saved; one that is empty where there is no such file yet.</summary>
    /// <param name="path">The file.</param>
    /// <param name="options">The jar's settings; null for the defaults.</param>
    /// <param name="cancellationToken">Cancels the reading.</param>
    /// <exception cref="FormatException">The file is no cookie jar; the message says what is wrong and where. The file stays as it is.</exception>
    /// <exception cref="IOException">The file cannot be read.</exception>
    /// <exception cref="UnauthorizedAccessException">The file may not be read.</exception>
    public static async Task<CookieJar> LoadAsync(string path, CookieJarOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        var jar = new CookieJar(options);
        if (await StateFile.ReadAsync(path, LargestFile, cancellationToken).ConfigureAwait(false) is not { } bytes)
            return jar;
        var now = jar.Now;
        foreach (var cookie in CookieFile.Read(bytes, path))
            jar._store.Add(CookieEntry.Of(cookie), now);
        return jar;
    }

    /// <summary>
    /// Writes the jar: beside the file, readable by its owner alone, then in its place. Whatever happens, the file is whole: the one before, or this one. Cookies of
    /// the session are written where <see cref="CookieJarOptions.SaveSessionCookies"/>.
    /// </summary>
    /// <param name="path">The file.</param>
    /// <param name="cancellationToken">Gives up; the file stays as it was.</param>
    /// <exception cref="IOException">The file cannot be written.</exception>
    /// <exception cref="UnauthorizedAccessException">The file may not be written.</exception>
    public Task SaveAsync(string path, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        StoredCookie[] cookies = [.. Cookies.Where(cookie => cookie.ExpiresAt is not null || Options.SaveSessionCookies)];
        return StateFile.WriteAsync(path, JsonSerializer.SerializeToUtf8Bytes(new CookieFile { Cookies = cookies }, StateJson.Readable.CookieFile), cancellationToken);
    }

    /// <summary>How many cookies there are; never a value.</summary>
    public override string ToString() => $"{Count} cookies";

    internal bool Set(Uri url, string host, string setCookie)
    {
        var now = Now;
        if (CookieEntry.Of(setCookie, host, url, now) is not { } cookie)
            return false;
        lock (_lock)
            return _store.Set(cookie, now, isSecureUrl: IsSecure(url));
    }

    internal string? HeaderFor(Uri url, string host)
    {
        lock (_lock)
            return _store.Count == 0 ? null : _store.HeaderFor(host, url.AbsolutePath, IsSecure(url), Now);
    }

    /// <summary>Whether a URL's connection keeps what is sent from others.</summary>
    internal static bool IsSecure(Uri url) => url.Scheme is "https" or "wss";

    private DateTimeOffset Now => Options.Clock.GetUtcNow();
}
