using System.Threading.Channels;
using Microsoft.Extensions.Time.Testing;

namespace Codomyrmex.Networking.Tests.Unit.Http;

/// <summary>A clock that stands still until it is advanced, and tells when it has been read, and when a timer has been set on it.</summary>
internal sealed class ObservedClock : FakeTimeProvider
{
    private readonly Channel<TimeSpan> _set = Channel.CreateUnbounded<TimeSpan>();
    private readonly Channel<bool> _read = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });

    /// <summary>Forgets who has read it and the timers set so far.</summary>
    public void Forget()
    {
        _read.Reader.TryRead(out _);
        while (_set.Reader.TryRead(out _))
        {
        }
    }

    /// <summary>Completes when a timer has been set to this time since the last one that was waited for.</summary>
    public async Task SetAsync(TimeSpan time)
    {
        using var patience = new CancellationTokenSource(RawAnswer.Patience);
        while (await _set.Reader.ReadAsync(patience.Token) != time)
        {
        }
    }

    /// <summary>Completes when its timestamp has been read since the last time this was waited for.</summary>
    public async Task ReadAsync()
    {
        using var patience = new CancellationTokenSource(RawAnswer.Patience);
        await _read.Reader.ReadAsync(patience.Token);
    }

    public override long GetTimestamp()
    {
        _read.Writer.TryWrite(true);
        return base.GetTimestamp();
    }

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        var timer = new Observed(this, base.CreateTimer(callback, state, dueTime, period));
        _set.Writer.TryWrite(dueTime);
        return timer;
    }

    private sealed class Observed(ObservedClock clock, ITimer timer) : ITimer
    {
        public bool Change(TimeSpan dueTime, TimeSpan period)
        {
            var isChanged = timer.Change(dueTime, period);
            clock._set.Writer.TryWrite(dueTime);
            return isChanged;
        }

        public void Dispose() => timer.Dispose();

        public ValueTask DisposeAsync() => timer.DisposeAsync();
    }
}
