namespace Codomyrmex.Networking.Http.Internal;

/// <summary>A body whose bytes are counted. How many there were is told once: at its end, or when it is let go of before.</summary>
internal sealed class CountedContent : WatchedContent
{
    private Action<long, bool>? _done;
    private long _count;

    public CountedContent(HttpContent inner, Action<long, bool> done) : base(inner)
    {
        _done = done;
        if (Length == 0)
            Finish(isWhole: true);
    }

    protected override Stream Watch(Stream body) => new Counting(this, body);

    protected override void LetGo() => Finish(isWhole: false);

    private void Finish(bool isWhole) => Interlocked.Exchange(ref _done, null)?.Invoke(_count, isWhole);

    private sealed class Counting(CountedContent owner, Stream body) : ReadOnlyStream
    {
        public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            var count = await body.ReadAsync(buffer, cancellationToken).ConfigureAwait(false);
            owner._count += count;
            if (owner.Length is { } length ? owner._count == length : count == 0 && !buffer.IsEmpty)
                owner.Finish(isWhole: true);
            return count;
        }

        protected override void Dispose(bool disposing)
        {
            if (disposing)
                body.Dispose();
            base.Dispose(disposing);
        }
    }
}
