using System.Net;

namespace Codomyrmex.Networking.Testing.Internal;

/// <summary>A body that is written into a cassette while it is read.</summary>
internal sealed class RecordedContent : HttpContent
{
    private readonly HttpContent _inner;
    private readonly CassetteAnswer _answer;
    private readonly CassetteOptions _options;

    public RecordedContent(HttpContent inner, CassetteAnswer answer, CassetteOptions options)
    {
        (_inner, _answer, _options) = (inner, answer, options);
        foreach (var (name, values) in inner.Headers.NonValidated)
            Headers.TryAddWithoutValidation(name, values);
    }

    protected override async Task<Stream> CreateContentReadStreamAsync() => new Recording(this, await _inner.ReadAsStreamAsync().ConfigureAwait(false));

    protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context)
    {
        var body = await CreateContentReadStreamAsync().ConfigureAwait(false);
        await using (body.ConfigureAwait(false))
            await body.CopyToAsync(stream).ConfigureAwait(false);
    }

    protected override bool TryComputeLength(out long length)
    {
        length = 0;
        return false;
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
            _inner.Dispose();
        base.Dispose(disposing);
    }

    private sealed class Recording(RecordedContent owner, Stream body) : ReadOnlyStream
    {
        private readonly MemoryStream _whole = new();
        private readonly List<(int End, double AfterMs)> _parts = [];
        private long _since = owner._options.Clock.GetTimestamp();

        public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            try
            {
                var count = await body.ReadAsync(buffer, cancellationToken).ConfigureAwait(false);
                if (count > 0)
                    Add(buffer.Span[..count]);
                return count;
            }
            catch (Exception error) when (error is NetworkException or IOException)
            {
                var ours = error as NetworkException ?? error.InnerException as NetworkException;
                owner._answer.Broke = new CassetteFailure(ours?.Code ?? ErrorCodes.TcpReset, error.Message);
                throw;
            }
        }

        protected override void Dispose(bool disposing)
        {
            if (disposing)
            {
                owner._answer.Body ??= Parts();
                body.Dispose();
            }
            base.Dispose(disposing);
        }

        private void Add(ReadOnlySpan<byte> bytes)
        {
            var clock = owner._options.Clock;
            _whole.Write(bytes);
            _parts.Add(((int)_whole.Length, Math.Round(clock.GetElapsedTime(_since).TotalMilliseconds, 1)));
            _since = clock.GetTimestamp();
        }

        private List<CassettePart> Parts()
        {
            var bytes = _whole.GetBuffer().AsSpan(0, (int)_whole.Length);
            var type = owner.Headers.NonValidated.TryGetValues("Content-Type", out var values) ? values.ToString() : null;
            // Only as a whole can JSON be read, and its secrets be found.
            if (_parts.Count <= 1 || CassetteMasking.IsJson(type))
                return bytes.IsEmpty ? [] : [new CassetteMasking(owner._options).Body(bytes, type)];
            var parts = new List<CassettePart>();
            var start = 0;
            foreach (var (end, afterMs) in _parts)
            {
                parts.Add(CassetteMasking.Part(bytes[start..end], afterMs));
                start = end;
            }
            return parts;
        }
    }
}
