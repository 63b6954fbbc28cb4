using System.IO.Compression;

namespace Codomyrmex.Networking.Http.Internal;

/// <summary>A body compressed on its way out. What held its bytes is compressed once, so that its length is known; the rest is streamed.</summary>
internal sealed class CompressedBody(RequestBody inner, ContentCoding coding) : RequestBody
{
    public static RequestBody Of(RequestBody inner, ContentCoding coding)
    {
        var compressed = new CompressedBody(inner, coding);
        if (inner is not BytesBody bytes)
            return compressed;
        using var memory = new MemoryStream();
        using (var encoder = Encoder(memory, coding))
            encoder.Write(bytes.Memory.Span);
        return new BytesBody(memory.GetBuffer().AsMemory(0, (int)memory.Length), inner.ContentType, compressed.ContentEncoding);
    }

    public override string? ContentType => inner.ContentType;

    public override string ContentEncoding => (inner.ContentEncoding is { } before ? before + ", " : "") + Name(coding);

    public override bool IsReplayable => inner.IsReplayable;

    public override async ValueTask WriteAsync(Stream destination, CancellationToken cancellationToken)
    {
        // An encoder writes its end when it is closed, which would make a body that failed half-way look whole.
        var gate = new Gate(destination);
        var encoder = Encoder(gate, coding);
        await using (encoder.ConfigureAwait(false))
        {
            try
            {
                await inner.WriteAsync(encoder, cancellationToken).ConfigureAwait(false);
            }
            catch
            {
                gate.Close();
                throw;
            }
        }
    }

    private static string Name(ContentCoding coding) => coding switch
    {
        ContentCoding.Gzip => "gzip",
        ContentCoding.Brotli => "br",
        ContentCoding.Zstd => "zstd",
        _ => throw new ArgumentOutOfRangeException(nameof(coding), coding, "No such coding."),
    };

    private static Stream Encoder(Stream destination, ContentCoding coding) => coding switch
    {
        ContentCoding.Gzip => new GZipStream(destination, CompressionLevel.Optimal, leaveOpen: true),
        ContentCoding.Brotli => new BrotliStream(destination, CompressionLevel.Optimal, leaveOpen: true),
        // Level 3 is the format's own default, with a window of 2 MiB.
        _ => new ZstdSharp.CompressionStream(destination, level: 3, leaveOpen: true),
    };

    /// <summary>Lets bytes through until it is closed, and loses them afterwards.</summary>
    private sealed class Gate(Stream inner) : WriteOnlyStream
    {
        private bool _isClosed;

        public override void Close() => _isClosed = true;

        public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default) =>
            _isClosed ? ValueTask.CompletedTask : inner.WriteAsync(buffer, cancellationToken);

        public override void Write(byte[] buffer, int offset, int count)
        {
            if (!_isClosed)
                inner.Write(buffer, offset, count);
        }

        public override void Flush()
        {
            if (!_isClosed)
                inner.Flush();
        }

        public override Task FlushAsync(CancellationToken cancellationToken) => _isClosed ? Task.CompletedTask : inner.FlushAsync(cancellationToken);
    }
}
