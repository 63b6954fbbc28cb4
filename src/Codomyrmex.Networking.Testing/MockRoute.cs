namespace Codomyrmex.Networking.Testing;

/// <summary>What a <see cref="MockTransport"/> answers to the requests that match. Without a reply it is 200 with an empty body.</summary>
public sealed class MockRoute
{
    private readonly string _text;
    private readonly Func<MockRequest, bool> _matches;
    private readonly Lock _lock = new();
    private readonly List<Func<MockRequest, CancellationToken, ValueTask<MockReply>>> _replies = [];
    private int _calls;

    internal MockRoute(string text, Func<MockRequest, bool> matches) => (_text, _matches) = (text, matches);

    /// <summary>How often it has answered.</summary>
    public int CallCount => Volatile.Read(ref _calls);

    /// <summary>Adds a reply. Several are given in turn, the last one from then on.</summary>
    /// <param name="reply">The reply.</param>
    public MockRoute Reply(MockReply reply)
    {
        ArgumentNullException.ThrowIfNull(reply);
        return Reply((_, _) => new ValueTask<MockReply>(reply));
    }

    /// <summary>Adds a reply of text. Several are given in turn, the last one from then on.</summary>
    /// <param name="status">The status.</param>
    /// <param name="body">The body, sent in UTF-8.</param>
    /// <param name="contentType">The media type.</param>
    public MockRoute Reply(int status, string body = "", string contentType = "application/json") => Reply(MockReply.Text(status, body, contentType));

    /// <summary>Adds a reply made for each request.</summary>
    /// <param name="reply">Makes it; may be called concurrently.</param>
    public MockRoute Reply(Func<MockRequest, CancellationToken, ValueTask<MockReply>> reply)
    {
        ArgumentNullException.ThrowIfNull(reply);
        lock (_lock)
            _replies.Add(reply);
        return this;
    }

    /// <summary>The method and URL that it is for.</summary>
    public override string ToString() => _text;

    internal bool IsFor(MockRequest request) => _matches(request);

    internal ValueTask<MockReply> AnswerAsync(MockRequest request, CancellationToken cancellationToken)
    {
        Func<MockRequest, CancellationToken, ValueTask<MockReply>>? reply;
        lock (_lock)
        {
            reply = _replies.Count == 0 ? null : _replies[Math.Min(_calls, _replies.Count - 1)];
            _calls++;
        }
        return reply?.Invoke(request, cancellationToken) ?? new ValueTask<MockReply>(new MockReply());
    }
}
