namespace Codomyrmex.Networking.Http.Internal;

/// <summary>Gives requests that are not idempotent a key (draft-ietf-httpapi-idempotency-key-header) by which the server knows a repeat.</summary>
internal static class IdempotencyKeys
{
    public static RequestOptions Given(RequestOptions options, HttpMethod method) =>
        options.IdempotencyKey is not null || !(method == HttpMethod.Post || method == HttpMethod.Patch) || options.Headers?.Contains("Idempotency-Key") == true
            ? options
            // Random bits of the system's generator: nobody else's request can be taken for this one.
            : options with { IdempotencyKey = Guid.NewGuid().ToString() };
}
