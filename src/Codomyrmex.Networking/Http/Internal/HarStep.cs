using Codomyrmex.Networking.Transport.Internal;

namespace Codomyrmex.Networking.Http.Internal;

/// <summary>Writes down what goes to the wire and what comes from it. The last step, so that it sees all that the others add.</summary>
internal sealed class HarStep(HarRecorder recorder, WireStep next) : WireStep
{
    public override async Task<HttpResponseMessage> SendAsync(HttpExchange exchange, WireRequest wire, CancellationToken cancellationToken)
    {
        var clock = exchange.Clock;
        var entry = new HarEntry(wire, clock.GetUtcNow());
        if (recorder.Options.BodyBytes > 0 && wire.Content is BodyContent content)
            entry.RequestBody = await CopyAsync(content, cancellationToken).ConfigureAwait(false);
        var start = clock.GetTimestamp();
        HttpResponseMessage message;
        try
        {
            message = await next.SendAsync(exchange, wire, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception error)
        {
            entry.Failed((error as NetworkException ?? error.InnerException as NetworkException)?.Code ?? error.GetType().Name, wire, clock.GetElapsedTime(start));
            recorder.Add(entry);
            throw;
        }
        if (wire.Connection is null && message.Version.Major == 2 && exchange.Handler.Http2Connection(wire.RequestUri!) is { } shared)
            wire.CarriedBy(shared);
        entry.Answered(message, wire, clock.GetElapsedTime(start));
        recorder.Add(entry);
        var answered = clock.GetTimestamp();
        if (recorder.Options.BodyBytes > 0)
            Copy(message, entry, wire.RequestUri!);
        message.Content = new CountedContent(message.Content, (bytes, isWhole) => entry.BodyEnded(bytes, isWhole, clock.GetElapsedTime(answered)));
        return message;
    }

    private async ValueTask<HarBody> CopyAsync(BodyContent content, CancellationToken cancellationToken)
    {
        var coding = content.Body.ContentEncoding;
        var kept = new HarBody(content.Headers.NonValidated.TryGetValues("Content-Type", out var type) ? type.ToString() : null, coding is null ? null : [coding.ToLowerInvariant()]);
        var limit = recorder.Options.BodyBytes;
        if (!content.Body.IsReplayable || content.Body.Length > limit)
            return kept;
        try
        {
            using var copy = new BoundedCopy(limit, static () => new InvalidDataException());
            await content.Body.WriteAsync(copy, cancellationToken).ConfigureAwait(false);
            recorder.Fill(kept, copy.ToArray());
        }
        catch (Exception error) when (error is not OperationCanceledException)
        {
            // Too long; or it cannot be produced, which sending it will tell.
        }
        return kept;
    }

    private void Copy(HttpResponseMessage message, HarEntry entry, Uri url)
    {
        List<string>? codings;
        try
        {
            codings = ContentDecoding.Codings(message, ResponseLimits.Default, url);
        }
        catch (NetworkException)
        {
            // Whoever reads the body is told.
            return;
        }
        var kept = entry.Body = new HarBody(message.Content.Headers.NonValidated.TryGetValues("Content-Type", out var type) ? type.ToString() : null, codings);
        message.Content = new CapturedContent(message, recorder.Options.BodyBytes, bytes =>
        {
            if (bytes is not null)
                recorder.Fill(kept, bytes);
        });
    }
}
