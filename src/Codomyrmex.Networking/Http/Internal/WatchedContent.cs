using System.Net;

namespace Codomyrmex.Networking.Http.Internal;

/// <summary>A body in another one's place, with its fields and its length, that sees what is read of it.</summary>
internal abstract class WatchedContent : HttpContent
{
    private readonly HttpContent _inner;

    protected WatchedContent(HttpContent inner)
    {
        _inner = inner;
        foreach (var (name, values) in inner.Headers.NonValidated)
            Headers.TryAddWithoutValidation(name, values);
        Length = inner.Headers.ContentLength;
    }

    /// <summary>The length announced, where there is one.</summary>
    protected long? Length { get; }

    /// <summary>The stream that is read in place of the body's.</summary>
    protected abstract Stream Watch(Stream body);

    /// <summary>The body is let go of, read to its end or not.</summary>
    protected abstract void LetGo();

    protected override Stream CreateContentReadStream(CancellationToken cancellationToken) => Watch(_inner.ReadAsStream(cancellationToken));

    protected override async Task<Stream> CreateContentReadStreamAsync() => Watch(await _inner.ReadAsStreamAsync().ConfigureAwait(false));

    protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context) => _inner.CopyToAsync(stream, context);

    protected override bool TryComputeLength(out long length)
    {
        length = Length ?? 0;
        return Length is not null;
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            _inner.Dispose();
            LetGo();
        }
        base.Dispose(disposing);
    }
}
