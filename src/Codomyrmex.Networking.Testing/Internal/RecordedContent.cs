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
            var masking = new CassetteMasking(owner._options);
            if (bytes.IsEmpty)
                return [];
            if (RecordEnd(type) is { Length: > 0 } recordEnd)
                return Records(bytes, recordEnd, masking);
            var whole = masking.Body(bytes, type);
            // How the network cut a body differs from run to run, and a secret may lie across a cut: parts are kept for their timing, and where nothing was masked.
            if (!owner._options.KeepTiming || _parts.Count == 1 || (whole.Text is { } text && text != CassetteMasking.Text(bytes)))
                return [whole];
            var parts = new List<CassettePart>();
            var start = 0;
            foreach (var (end, afterMs) in _parts)
            {
                var part = bytes[start..end];
                parts.Add((CassetteMasking.Text(part) is { } piece ? new CassettePart(piece) : CassetteMasking.Bytes(part)) with { AfterMs = afterMs });
                start = end;
            }
            return parts;
        }

        /// <summary>A part for each record of a stream, whichever way the network cut it; each takes the time until its last byte was here.</summary>
        private List<CassettePart> Records(ReadOnlySpan<byte> bytes, ReadOnlySpan<byte> recordEnd, CassetteMasking masking)
        {
            var records = new List<CassettePart>();
            var (read, told, now) = (0, 0.0, 0.0);
            for (var start = 0; start < bytes.Length;)
            {
                var end = bytes[start..].IndexOf(recordEnd) is >= 0 and var at ? start + at + recordEnd.Length : bytes.Length;
                for (; read < _parts.Count && (read == 0 || _parts[read - 1].End < end); read++)
                    now += _parts[read].AfterMs;
                records.Add(masking.Record(bytes[start..end]) with { AfterMs = owner._options.KeepTiming ? Math.Round(now - told, 1) : null });
                (start, told) = (end, now);
            }
            return records;
        }

        private static byte[]? RecordEnd(string? type) => type?.Split(';')[0].Trim().ToLowerInvariant() switch
        {
            "text/event-stream" => "\n\n"u8.ToArray(),
            "application/x-ndjson" or "application/ndjson" or "application/jsonl" or "application/json-lines" => "\n"u8.ToArray(),
            _ => null,
        };
    }
}
