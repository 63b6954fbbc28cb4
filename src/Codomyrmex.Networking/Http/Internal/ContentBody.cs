using System.Net.Http.Json;

namespace Codomyrmex.Networking.Http.Internal;

/// <summary>A body of the platform's as one of ours. What holds its data can be written again; what reads a stream may not.</summary>
internal sealed class ContentBody(HttpContent content) : RequestBody
{
    public override long? Length => content.Headers.ContentLength;

    public override bool IsReplayable => content is ByteArrayContent or ReadOnlyMemoryContent or JsonContent;

    public override async ValueTask WriteAsync(Stream destination, CancellationToken cancellationToken) =>
        await content.CopyToAsync(destination, cancellationToken).ConfigureAwait(false);
}
