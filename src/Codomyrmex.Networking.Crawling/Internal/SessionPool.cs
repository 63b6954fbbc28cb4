using System.Globalization;
using Codomyrmex.Networking.Http;

namespace Codomyrmex.Networking.Crawling.Internal;

/// <summary>The visitors of a crawl in turn; one that is blocked makes room for a new one. Thread-safe.</summary>
internal sealed class SessionPool : IAsyncDisposable
{
    private readonly Lock _lock = new();
    private readonly HTTPClient _client;
    private readonly SessionOptions? _options;
    private readonly Counters _counters;
    private readonly CrawlSession[] _sessions;
    private int _next;
    private int _number;

    public SessionPool(HTTPClient client, SessionOptions? options, Counters counters)
    {
        (_client, _options, _counters) = (client, options, counters);
        _sessions = options is null ? [new CrawlSession(client, null)] : [.. Enumerable.Range(0, options.Count).Select(_ => Make())];
    }

    /// <summary>Whose turn it is.</summary>
    public CrawlSession Take()
    {
        if (_options is null)
            return _sessions[0];
        lock (_lock)
        {
            var at = (int)((uint)_next++ % (uint)_sessions.Length);
            if (_sessions[at].Uses >= _options.MaxUses)
                Replace(at);
            _sessions[at].Uses++;
            _sessions[at].UnderWay++;
            return _sessions[at];
        }
    }

    /// <summary>A request of a session is over.</summary>
    public void Leave(CrawlSession session)
    {
        if (_options is null)
            return;
        lock (_lock)
        {
            session.UnderWay--;
            EndRetired(session);
        }
    }

    /// <summary>A session has had an answer.</summary>
    /// <returns>Whether it says that the session is blocked, so that another one may have more luck.</returns>
    public bool IsBlocked(CrawlSession session, int status)
    {
        if (_options is null)
            return false;
        lock (_lock)
        {
            if (!_options.BlockedStatuses.Contains(status))
            {
                session.BlocksInARow = 0;
                return false;
            }
            if (++session.BlocksInARow == _options.RetireAfter && Array.IndexOf(_sessions, session) is var at and >= 0)
            {
                Counters.Count(ref _counters.RetiredSessions);
                Replace(at);
            }
            return true;
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (_options is null)
            return;
        foreach (var session in _sessions)
            await session.Client.DisposeAsync().ConfigureAwait(false);
    }

    private void Replace(int at)
    {
        var retired = _sessions[at];
        if (retired.Key is { } key)
            _client.Options.Transport.Proxies?.ForgetSession(key);
        _sessions[at] = Make();
        retired.IsRetired = true;
        EndRetired(retired);
    }

    // With its last request: one that has been handed out may not have been sent yet.
    private static void EndRetired(CrawlSession session)
    {
        if (session is { IsRetired: true, UnderWay: 0 })
            session.Client.Dispose();
    }

    // Clients share their connections: a visitor costs its cookies.
    private CrawlSession Make() =>
        new(_client.With(options => options with { Cookies = new CookieJar() }), string.Create(CultureInfo.InvariantCulture, $"crawl-{_number++}"));
}
