namespace Codomyrmex.Networking.Http.Internal;

/// <summary>
/// A body that is copied while it is read. What was copied is handed over when it is complete; null is, once the body is let go of, where it was cut, too long or not
/// read to its end.
/// </summary>
internal sealed class CapturedContent : WatchedContent
{
    private readonly int _limit;
    private readonly bool _endsAtLength;
    private Action<byte[]?>? _done;

    public CapturedContent(HttpResponseMessage message, int limit, Action<byte[]?> done) : base(message.Content)
    {
        (_limit, _done) = (limit, done);
        // Over HTTP/2 only the end shows that there is no more than announced (RFC 9113, section 8.1.1).
        _endsAtLength = Length is not null && message.Version.Major == 1;
        // Nobody reads a body where there is none (RFC 9112, section 6.3).
        if ((Length == 0 && _endsAtLength) || (int)message.StatusCode is 204 or 304)
            Finish([]);
    }

    protected override Stream Watch(Stream body) => new Copying(this, body);

    protected override void LetGo() => Finish(null);

    private bool IsWhole(long count, bool hasEnded) => (_endsAtLength || hasEnded) && (Length is null || count == Length);

    private void Finish(byte[]? body) => Interlocked.Exchange(ref _done, null)?.Invoke(body);

    private sealed class Copying(CapturedContent owner, Stream body) : ReadOnlyStream
    {
        private MemoryStream? _copy = owner.Length > owner._limit ? null : new MemoryStream();

        public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            int count;
            try
            {
                count = await body.ReadAsync(buffer, cancellationToken).ConfigureAwait(false);
            }
            catch
            {
                _copy = null;
                throw;
            }
            if (_copy is null)
                return count;
            _copy.Write(buffer.Span[..count]);
            if (_copy.Length > owner._limit)
                _copy = null;
            else if (owner.IsWhole(_copy.Length, hasEnded: count == 0 && !buffer.IsEmpty))
                owner.Finish(_copy.ToArray());
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
