using Codomyrmex.Networking.Testing.Internal;

namespace Codomyrmex.Networking.Testing;

/// <summary>
/// Answers requests from memory and remembers them: for <c>HTTPClientOptions.MessageHandler</c>, or for any <see cref="HttpClient"/>. No socket is
/// opened. Everything above the connection is the real client: redirects, retries, decoding, limits, errors. Thread-safe.
/// </summary>
public sealed class MockTransport : HttpMessageHandler
{
    private readonly TimeProvider _clock;
    private readonly Lock _lock = new();
    private readonly List<MockRoute> _routes = [];
    private readonly List<MockRequest> _calls = [];

    /// <summary>Makes a transport without routes.</summary>
    /// <param name="clock">The clock for delays; null for the system's.</param>
    public MockTransport(TimeProvider? clock = null) => _clock = clock ?? TimeProvider.System;

    /// <summary>Every request so far, in order of arrival, those without a route included.</summary>
    public IReadOnlyList<MockRequest> Calls
    {
        get
        {
            lock (_lock)
                return [.. _calls];
        }
    }

    /// <summary>Adds a route. Of several that match, the last one added answers.</summary>
    /// <param name="method">The method; <c>*</c> for any.</param>
    /// <param name="url">An absolute URL, or a path and query for any host; a <c>*</c> in it stands for any text.</param>
    public MockRoute When(string method, string url)
    {
        ArgumentException.ThrowIfNullOrEmpty(method);
        ArgumentException.ThrowIfNullOrEmpty(url);
        return Add(new MockRoute($"{method} {url}", request => MockPattern.Matches(method, request.Method) &&
            MockPattern.Matches(url, url.StartsWith('/') ? request.Url.PathAndQuery : request.Url.AbsoluteUri)));
    }

    /// <summary>Adds a route. Of several that match, the last one added answers.</summary>
    /// <param name="matches">Whether a request is for this route.</param>
    public MockRoute When(Func<MockRequest, bool> matches)
    {
        ArgumentNullException.ThrowIfNull(matches);
        return Add(new MockRoute("(a condition)", matches));
    }

    /// <inheritdoc/>
    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        var call = await MockRequest.OfAsync(request, cancellationToken).ConfigureAwait(false);
        MockRoute? route;
        string known;
        lock (_lock)
        {
            _calls.Add(call);
            route = _routes.FindLast(candidate => candidate.IsFor(call));
            known = string.Join(", ", _routes);
        }
        if (route is null)
            throw new InvalidOperationException($"No route of the mock is for {call.Method} {call.Url}; it has: {(known.Length == 0 ? "none" : known)}.");
        var reply = await route.AnswerAsync(call, cancellationToken).ConfigureAwait(false);
        if (reply.Delay > TimeSpan.Zero)
            await Task.Delay(reply.Delay, _clock, cancellationToken).ConfigureAwait(false);
        return reply.Message(request);
    }

    private MockRoute Add(MockRoute route)
    {
        lock (_lock)
            _routes.Add(route);
        return route;
    }
}
