using System.Net;

namespace Codomyrmex.Networking.Http.Internal;

/// <summary>A body whose bytes are counted. How many there were is told once: at its end, or when it is let go of before.</summary>
internal sealed class CountedContent : HttpContent
{
    private readonly HttpContent _inner;
    private readonly long? _length;
    private Action<long, bool>? _done;
    private long _count;

    public CountedContent(HttpContent inner, Action<long, bool> done)
    {
        (_inner, _done) = (inner, done);
        foreach (var (name, values) in inner.Headers.NonValidated)
            Headers.TryAddWithoutValidation(name, values);
        _length = inner.Headers.ContentLength;
        if (_length == 0)
            Finish(isWhole: true);
    }

    protected override Stream CreateContentReadStream(CancellationToken cancellationToken) => new Counting(this, _inner.ReadAsStream(cancellationToken));

    protected override async Task<Stream> CreateContentReadStreamAsync() => new Counting(this, await _inner.ReadAsStreamAsync().ConfigureAwait(false));

    protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context) => _inner.CopyToAsync(stream, context);

    protected override bool TryComputeLength(out long length)
    {
        length = _length ?? 0;
        return _length is not null;
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            _inner.Dispose();
            Finish(isWhole: false);
        }
        base.Dispose(disposing);
    }

    private void Finish(bool isWhole) => Interlocked.Exchange(ref _done, null)?.Invoke(_count, isWhole);

    private sealed class Counting(CountedContent owner, Stream body) : ReadOnlyStream
    {
        public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            var count = await body.ReadAsync(buffer, cancellationToken).ConfigureAwait(false);
            owner._count += count;
            if (owner._length is { } length ? owner._count == length : count == 0 && !buffer.IsEmpty)
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
