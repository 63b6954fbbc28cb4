using Codomyrmex.Networking.Diagnostics.Internal;

namespace Codomyrmex.Networking.Sockets.Internal;

/// <summary>The requests of a client that wait for their replies, and the one loop that receives while there are any. Thread-safe.</summary>
internal sealed class RequestTable(UDPClient client, int capacity)
{
    private readonly SemaphoreSlim _room = new(capacity);
    private readonly List<DatagramRequest> _waiting = [];
    private readonly Lock _lock = new();
    private CancellationTokenSource? _loop;
    private Task _receiving = Task.CompletedTask;
    private bool _isClosed;
    private long _fromElsewhere;
    private long _unmatched;
    private long _retransmitted;

    public long FromElsewhere => Volatile.Read(ref _fromElsewhere);

    public long Unmatched => Volatile.Read(ref _unmatched);

    public long Retransmitted => Volatile.Read(ref _retransmitted);

    /// <summary>The loop that has nothing to wait for any more, until it has let go of the socket.</summary>
    public Task Leaving => Volatile.Read(ref _loop) is null ? Volatile.Read(ref _receiving) : Task.CompletedTask;

    public async ValueTask AddAsync(DatagramRequest request, CancellationToken cancellationToken)
    {
        await _room.WaitAsync(cancellationToken).ConfigureAwait(false);
        lock (_lock)
        {
            if (_isClosed)
            {
                _room.Release();
                throw new ObjectDisposedException(nameof(UDPClient));
            }
            _waiting.Add(request);
            if (_loop is not null)
                return;
            client.ForgetErrors();
            _loop = new CancellationTokenSource();
            // It serves one request after another: what flows with the first is none of the others' business.
            using (ExecutionContext.IsFlowSuppressed() ? default : ExecutionContext.SuppressFlow())
                _receiving = ReceiveAsync(_receiving, _loop.Token);
        }
    }

    public void Remove(DatagramRequest request)
    {
        CancellationTokenSource? idle = null;
        lock (_lock)
        {
            _waiting.Remove(request);
            if (_waiting.Count == 0)
                (idle, _loop) = (_loop, null);
        }
        idle?.Cancel();
        _room.Release();
    }

    public void CountRetransmission()
    {
        Interlocked.Increment(ref _retransmitted);
        if (Instruments.RetransmittedRequests.Enabled)
            Instruments.RetransmittedRequests.Add(1);
    }

    public async ValueTask CloseAsync()
    {
        DatagramRequest[] left;
        Task receiving;
        lock (_lock)
        {
            _isClosed = true;
            left = [.. _waiting];
            receiving = _receiving;
            _loop?.Cancel();
        }
        foreach (var request in left)
            request.Fail(new ObjectDisposedException(nameof(UDPClient)));
        await receiving.ConfigureAwait(false);
    }

    private async Task ReceiveAsync(Task before, CancellationToken cancellationToken)
    {
        await before.ConfigureAwait(false);
        while (!cancellationToken.IsCancellationRequested)
        {
            try
            {
                Deliver(await client.ReceiveAsync(Timeout.InfiniteTimeSpan, cancellationToken).ConfigureAwait(false));
            }
            catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
            {
                return;
            }
            catch (ConnectionException error) when (UDPClient.IsOfPeer(error))
            {
                Fail(error);
            }
            catch (Exception error)
            {
                // Nothing is received any more: somebody else receives, or the client is closed.
                foreach (var request in Waiting())
                    request.Fail(error);
                lock (_lock)
                {
                    if (_loop?.Token == cancellationToken)
                        _loop = null;
                }
                return;
            }
        }
    }

    private void Deliver(UDPDatagram datagram)
    {
        var isFromOne = false;
        foreach (var request in Waiting())
        {
            if (!datagram.RemoteEndPoint.Equals(request.To))
                continue;
            isFromOne = true;
            if (!request.Reply.IsCompleted && request.TryTake(datagram))
                return;
        }
        Interlocked.Increment(ref isFromOne ? ref _unmatched : ref _fromElsewhere);
        if (Instruments.DroppedDatagrams.Enabled)
            Instruments.DroppedDatagrams.Add(1, new KeyValuePair<string, object?>("reason", isFromOne ? "unmatched" : "elsewhere"));
    }

    // It did not arrive where it went: so it is with the others that went there.
    private void Fail(ConnectionException error)
    {
        foreach (var request in Waiting())
        {
            if (client.Endpoint is not null || (request.To is { } to && Endpoint.Of(to) == error.Endpoint))
                request.Fail(error.Failure.ToException(error.InnerException));
        }
    }

    private DatagramRequest[] Waiting()
    {
        lock (_lock)
            return [.. _waiting];
    }
}
