using Codomyrmex.Networking.Transport.Internal;

namespace Codomyrmex.Networking.Http.Internal;

/// <summary>Writes down what goes to the wire and what comes from it. The last step, so that it sees all that the others add.</summary>
internal sealed class HarStep(HarRecorder recorder, WireStep next) : WireStep
{
    public override async Task<HttpResponseMessage> SendAsync(HttpExchange exchange, WireRequest wire, CancellationToken cancellationToken)
    {
        var clock = exchange.Clock;
        var entry = new HarEntry(wire, clock.GetUtcNow());
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
        message.Content = new CountedContent(message.Content, (bytes, isWhole) => entry.BodyEnded(bytes, isWhole, clock.GetElapsedTime(answered)));
        return message;
    }
}
