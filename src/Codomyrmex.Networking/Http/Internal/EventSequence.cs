using System.Runtime.CompilerServices;

namespace Codomyrmex.Networking.Http.Internal;

/// <summary>
/// The events of one response. Written out, and no iterator of the compiler's: most events lie in the buffer already, and the way to one of them
/// is to be short.
/// </summary>
internal sealed class EventSequence(Response response, TerminalEvent? until, CancellationToken cancellationToken) : IAsyncEnumerable<ServerSentEvent>
{
    public IAsyncEnumerator<ServerSentEvent> GetAsyncEnumerator(CancellationToken token = default)
    {
        var both = token.CanBeCanceled && cancellationToken.CanBeCanceled && token != cancellationToken
            ? CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, token)
            : null;
        return new Reader(response, until, both?.Token ?? (token.CanBeCanceled ? token : cancellationToken), both);
    }

    private sealed class Reader(Response response, TerminalEvent? until, CancellationToken cancellationToken, CancellationTokenSource? both) : IAsyncEnumerator<ServerSentEvent>
    {
        private EventReader? _events;
        private ServerSentEvent _current;
        private bool _isOver;

        public ServerSentEvent Current => _current;

        public ValueTask<bool> MoveNextAsync()
        {
            if (_events is null || _isOver || !_events.TryRead(out _current))
                return WaitAsync();
            _isOver = until is not null && until.Matches(_current);
            return new ValueTask<bool>(true);
        }

        public ValueTask DisposeAsync()
        {
            _isOver = true;
            _events?.Dispose();
            both?.Dispose();
            return default;
        }

        [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
        private async ValueTask<bool> WaitAsync()
        {
            if (_isOver)
                return false;
            var events = _events ??= new EventReader(response);
            // An error is the end too.
            _isOver = true;
            do
            {
                if (!events.TryRead(out _current))
                    continue;
                // Asked before it is given out, the event need not be kept over it.
                _isOver = until is not null && until.Matches(_current);
                return true;
            }
            while (await FillAsync(events).ConfigureAwait(false));
            return until is null ? false : throw StreamFailure.CutOff(response, $"events, before {until}", events.Events, null, events.LastEventId);
        }

        private ValueTask<bool> FillAsync(EventReader events) => until is null ? events.FillAsync(cancellationToken) : FillAsync(events, until);

        private async ValueTask<bool> FillAsync(EventReader events, TerminalEvent until)
        {
            try
            {
                return await events.FillAsync(cancellationToken).ConfigureAwait(false);
            }
            catch (NetworkException error) when (StreamFailure.IsBreak(error))
            {
                throw StreamFailure.CutOff(response, $"events, before {until}", events.Events, error, events.LastEventId);
            }
        }
    }
}
