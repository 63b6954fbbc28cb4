using System.Net;

namespace Codomyrmex.Networking.Http.Internal;

/// <summary>Hands a body of ours to the platform's engine and counts what it took.</summary>
internal sealed class BodyContent : HttpContent
{
    private readonly IProgress<TransferProgress>? _progress;

    public BodyContent(RequestBody body, IProgress<TransferProgress>? progress)
    {
        Body = body;
        _progress = progress;
        Say("Content-Type", body.ContentType);
        Say("Content-Encoding", body.ContentEncoding);
    }

    public RequestBody Body { get; }

    /// <summary>The same body for another message.</summary>
    public BodyContent Again() => new(Body, _progress);

    protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context, CancellationToken cancellationToken) =>
        Body.WriteAsync(_progress is null ? stream : new ProgressStream(stream, _progress, Body.Length), cancellationToken).AsTask();

    protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context) => SerializeToStreamAsync(stream, context, CancellationToken.None);

    protected override bool TryComputeLength(out long length)
    {
        length = Body.Length ?? 0;
        return Body.Length is not null;
    }

    private void Say(string name, string? value)
    {
        if (value is null)
            return;
        FieldRules.CheckValue(name, value);
        Headers.TryAddWithoutValidation(name, value);
    }
}
