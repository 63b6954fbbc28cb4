using System.Collections.Concurrent;
using System.Text;
using Codomyrmex.Networking.Transport.Internal;

namespace Codomyrmex.Networking.Http.Internal;

/// <summary>
/// Sends one of several identical GETs that are under way at a time, and gives its answer to all. Identical is: same URL, same fields, credentials included. Only
/// buffered calls share; where the one that was sent fails, the others send their own.
/// </summary>
internal sealed class CoalescingStep(WireStep next) : WireStep
{
    private readonly ConcurrentDictionary<string, TaskCompletionSource<Outcome>> _underWay = new(StringComparer.Ordinal);

    public override Task<HttpResponseMessage> SendAsync(HttpExchange exchange, WireRequest wire, CancellationToken cancellationToken) =>
        wire.Method == HttpMethod.Get && wire.Content is null && !exchange.IsStreamed
            ? ShareAsync(exchange, wire, cancellationToken)
            : next.SendAsync(exchange, wire, cancellationToken);

    private async Task<HttpResponseMessage> ShareAsync(HttpExchange exchange, WireRequest wire, CancellationToken cancellationToken)
    {
        var key = KeyOf(exchange, wire);
        while (true)
        {
            var own = new TaskCompletionSource<Outcome>(TaskCreationOptions.RunContinuationsAsynchronously);
            var first = _underWay.GetOrAdd(key, own);
            if (ReferenceEquals(first, own))
                return await SendFirstAsync(exchange, wire, key, own, cancellationToken).ConfigureAwait(false);
            var outcome = await first.Task.WaitAsync(cancellationToken).ConfigureAwait(false);
            if (outcome.Answer is { } answer)
                return answer.ToMessage(wire);
            if (outcome.HasFailed)
                return await next.SendAsync(exchange, wire, cancellationToken).ConfigureAwait(false);
            // Whoever sent it has lost interest: one of those who wait takes over.
        }
    }

    private async Task<HttpResponseMessage> SendFirstAsync(
        HttpExchange exchange, WireRequest wire, string key, TaskCompletionSource<Outcome> own, CancellationToken cancellationToken)
    {
        try
        {
            var message = await next.SendAsync(exchange, wire, cancellationToken).ConfigureAwait(false);
            FramingCheck.Demand(message, exchange.HostOf(wire));
            // The first caller reads it as ever, with its limits and timeouts; the others get what was read. Nobody reads the body of a redirect that is followed.
            if (IsFollowed(exchange, message))
                Finish(new Shared(message, []));
            else
                message.Content = new CapturedContent(message, (int)Math.Min(exchange.Limits.BufferedBytes, Array.MaxLength), body => Finish(body is null ? null : new Shared(message, body)));
            return message;
        }
        catch (Exception error)
        {
            Finish(null, error is not OperationCanceledException);
            throw;
        }

        void Finish(Shared? answer, bool hasFailed = false)
        {
            _underWay.TryRemove(key, out _);
            own.TrySetResult(new Outcome(answer, hasFailed));
        }
    }

    private static bool IsFollowed(HttpExchange exchange, HttpResponseMessage message) =>
        Redirect.IsRedirect((int)message.StatusCode) && message.Headers.NonValidated.Contains("Location") && exchange.Redirects.Limit > 0;

    private static string KeyOf(HttpExchange exchange, WireRequest wire)
    {
        // Each handler stands for one set of transport settings, policy included.
        var key = new StringBuilder(256).Append(exchange.Handler.Id).Append(exchange.Redirects.Limit > 0 ? " follow " : " stay ").Append(wire.RequestUri!.AbsoluteUri)
            .Append('\n').Append(CredentialStep.IdentityOf(exchange, wire));
        foreach (var (name, values) in wire.Headers.NonValidated)
        {
            // Every request has a trace of its own.
            if (!name.Equals("traceparent", StringComparison.OrdinalIgnoreCase) && !name.Equals("tracestate", StringComparison.OrdinalIgnoreCase))
                key.Append('\n').Append(name.ToLowerInvariant()).Append(':').Append(values.ToString());
        }
        return key.ToString();
    }

    private readonly record struct Outcome(Shared? Answer, bool HasFailed);

    /// <summary>An answer to be handed out several times: its fields are copied, since a message may change while it is read.</summary>
    private sealed class Shared(HttpResponseMessage first, byte[] body)
    {
        private readonly List<KeyValuePair<string, string>> _fields =
        [
            .. first.Headers.NonValidated.Concat(first.Content.Headers.NonValidated).SelectMany(field => field.Value, (field, value) => KeyValuePair.Create(field.Key, value)),
        ];

        public HttpResponseMessage ToMessage(WireRequest wire)
        {
            var message = new HttpResponseMessage(first.StatusCode)
            {
                ReasonPhrase = first.ReasonPhrase,
                Version = first.Version,
                RequestMessage = wire,
                Content = new ReadOnlyMemoryContent(body),
            };
            foreach (var (name, value) in _fields)
            {
                if (!message.Headers.TryAddWithoutValidation(name, value))
                    message.Content.Headers.TryAddWithoutValidation(name, value);
            }
            return message;
        }
    }
}
