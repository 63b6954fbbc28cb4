using Codomyrmex.Networking.Http.Protocol;

namespace Codomyrmex.Networking.Http.Internal;

/// <summary>Reads the body of one response as server-sent events.</summary>
internal sealed class EventReader(Response response, string? lastEventId = null) : IDisposable
{
    // Pings of a server that never begins must not fill the memory.
    private const int MostHeld = 256;

    private readonly BodyChunks _chunks = new(response.OpenStream(), response.Limits.LineBytes);
    private readonly EventParser _parser = new(response.Limits.LineBytes, response.Limits.EventBytes, response.Endpoint, lastEventId);
    private ServerSentEvent _first;
    private bool _hasFirst;
    private Queue<ServerSentEvent>? _held;

    public Response Response => response;

    /// <summary>How many events have been read.</summary>
    public long Events { get; private set; }

    /// <summary>The last identifier of an event; null where there is none, or where it was taken back.</summary>
    public string? LastEventId => _parser.LastEventId is { Length: > 0 } id ? id : null;

    public TimeSpan? ReconnectionTime => _parser.ReconnectionTime;

    /// <summary>Takes an event of what has arrived.</summary>
    public bool TryRead(out ServerSentEvent item)
    {
        if (_hasFirst)
        {
            (item, _hasFirst) = (_first, false);
            return true;
        }
        if (_held is { Count: > 0 } held)
        {
            item = held.Dequeue();
            return true;
        }
        return TryReadNext(out item);
    }

    private bool TryReadNext(out ServerSentEvent item)
    {
        var input = _chunks.Unread;
        var isRead = _parser.TryRead(ref input);
        _chunks.Unread = input;
        if (!isRead)
        {
            item = default;
            return false;
        }
        Events++;
        item = new ServerSentEvent(_parser.Type, _parser.Data) { Id = _parser.Id, Retry = _parser.Retry };
        return true;
    }

    /// <summary>Waits for more; false at the end.</summary>
    public ValueTask<bool> FillAsync(CancellationToken cancellationToken) => _chunks.FillAsync(cancellationToken);

    /// <summary>Waits for the first event and keeps it to be taken; false where the end comes before it.</summary>
    public async ValueTask<bool> ReadFirstAsync(CancellationToken cancellationToken)
    {
        ServerSentEvent item;
        while (!TryRead(out item))
        {
            if (!await FillAsync(cancellationToken).ConfigureAwait(false))
                return false;
        }
        (_first, _hasFirst) = (item, true);
        return true;
    }

    /// <summary>The same up to the event that a condition names; those before it are kept too.</summary>
    public async ValueTask<bool> ReadFirstAsync(Func<ServerSentEvent, bool> isFirst, CancellationToken cancellationToken)
    {
        var held = _held = new Queue<ServerSentEvent>();
        while (true)
        {
            while (TryReadNext(out var item))
            {
                held.Enqueue(item);
                if (isFirst(item) || held.Count == MostHeld)
                    return true;
            }
            if (!await FillAsync(cancellationToken).ConfigureAwait(false))
                return false;
        }
    }

    public void Dispose()
    {
        _chunks.Dispose();
        _parser.Dispose();
    }
}
