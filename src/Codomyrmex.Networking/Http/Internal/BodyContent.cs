using System.Net;

namespace Codomyrmex.Networking.Http.Internal;

/// <summary>Hands a body of ours to the platform's engine and counts what it took.</summary>
internal sealed class BodyContent : HttpContent
{
    private readonly RequestBody _body;
    private readonly IProgress<TransferProgress>? _progress;

    public BodyContent(RequestBody body, IProgress<TransferProgress>? progress)
    {
        _body = body;
        _progress = progress;
        Say("Content-Type", body.ContentType);
        Say("Content-Encoding", body.ContentEncoding);
    }

    protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context, CancellationToken cancellationToken) =>
        _body.WriteAsync(_progress is null ? stream : new ProgressStream(stream, _progress, _body.Length), cancellationToken).AsTask();

    protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context) => SerializeToStreamAsync(stream, context, CancellationToken.None);

    protected override bool TryComputeLength(out long length)
    {
        length = _body.Length ?? 0;
        return _body.Length is not null;
    }

    private void Say(string name, string? value)
    {
        if (value is null)
            return;
        FieldRules.CheckValue(name, value);
        Headers.TryAddWithoutValidation(name, value);
    }
}
