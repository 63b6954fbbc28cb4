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
    private readonly ConcurrentDictionary<string, TaskCompletionSource<Shared?>> _underWay = new(StringComparer.Ordinal);

    public override Task<HttpResponseMessage> SendAsync(HttpExchange exchange, WireRequest wire, CancellationToken cancellationToken) =>
        wire.Method == HttpMethod.Get && wire.Content is null && !exchange.IsStreamed
            ? ShareAsync(exchange, wire, cancellationToken)
            : next.SendAsync(exchange, wire, cancellationToken);

    private async Task<HttpResponseMessage> ShareAsync(HttpExchange exchange, WireRequest wire, CancellationToken cancellationToken)
    {
        var key = KeyOf(exchange, wire);
        var own = new TaskCompletionSource<Shared?>(TaskCreationOptions.RunContinuationsAsynchronously);
        var first = _underWay.GetOrAdd(key, own);
        if (!ReferenceEquals(first, own))
        {
            var shared = await first.Task.WaitAsync(cancellationToken).ConfigureAwait(false);
            return shared?.ToMessage(wire) ?? await next.SendAsync(exchange, wire, cancellationToken).ConfigureAwait(false);
        }
        try
        {
            var message = await next.SendAsync(exchange, wire, cancellationToken).ConfigureAwait(false);
            // The first caller reads it as ever, with its limits and timeouts; the others get what was read.
            message.Content = new CapturedContent(message.Content, (int)Math.Min(exchange.Limits.BufferedBytes, Array.MaxLength), body => Finish(body is null ? null : new Shared(message, body)));
            return message;
        }
        catch
        {
            Finish(null);
            throw;
        }

        void Finish(Shared? answer)
        {
            _underWay.TryRemove(key, out _);
            own.TrySetResult(answer);
        }
    }

    private static string KeyOf(HttpExchange exchange, WireRequest wire)
    {
        // Each handler stands for one set of transport settings, policy included.
        var key = new StringBuilder(256).Append(System.Runtime.CompilerServices.RuntimeHelpers.GetHashCode(exchange.Handler)).Append(' ').Append(wire.RequestUri!.AbsoluteUri)
            .Append('\n').Append(CredentialStep.IdentityOf(exchange, wire));
        foreach (var (name, values) in wire.Headers.NonValidated)
        {
            // Every request has a trace of its own.
            if (!name.Equals("traceparent", StringComparison.OrdinalIgnoreCase) && !name.Equals("tracestate", StringComparison.OrdinalIgnoreCase))
                key.Append('\n').Append(name.ToLowerInvariant()).Append(':').Append(values.ToString());
        }
        return key.ToString();
    }

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
