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

    /// <summary>The same body, with the same fields, for another message.</summary>
    public BodyContent Again()
    {
        var copy = new BodyContent(Body, _progress);
        foreach (var (name, values) in Headers.NonValidated)
        {
            // The length is computed from the body.
            if (name == "Content-Length")
                continue;
            copy.Headers.Remove(name);
            copy.Headers.TryAddWithoutValidation(name, values);
        }
        return copy;
    }

    protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context, CancellationToken cancellationToken) =>
        Body is BytesBody && _progress is null ? Body.WriteAsync(stream, cancellationToken).AsTask() : WriteAsync(new OutgoingStream(stream, _progress, Body.Length), cancellationToken);

    protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context) => SerializeToStreamAsync(stream, context, CancellationToken.None);

    protected override bool TryComputeLength(out long length)
    {
        length = Body.Length ?? 0;
        return Body.Length is not null;
    }

    // A body that fails by itself must not look like a failing network: it would be sent again, and somebody else blamed.
    private async Task WriteAsync(OutgoingStream stream, CancellationToken cancellationToken)
    {
        Body.HasBegun = true;
        try
        {
            await Body.WriteAsync(stream, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception error) when (!stream.HasFailed && error is not (NetworkException or OperationCanceledException))
        {
            throw new NetworkFailure
            {
                Code = ErrorCodes.LocalIo,
                Message = $"The body could not be produced: {error.Message}",
                Phase = NetworkPhase.Send,
                WasSent = WasSent.Maybe,
            }.ToException(error);
        }
    }

    private void Say(string name, string? value)
    {
        if (value is null)
            return;
        FieldRules.CheckValue(name, value);
        Headers.TryAddWithoutValidation(name, value);
    }
}
