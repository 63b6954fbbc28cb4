namespace Codomyrmex.Networking.Http;

/// <summary>A request that waits in an <see cref="Outbox"/>.</summary>
/// <param name="Key">Its <c>Idempotency-Key</c>, the same at every sending.</param>
/// <param name="Method">Its method.</param>
/// <param name="Url">Its URL.</param>
/// <param name="AddedAt">When it was put in.</param>
public sealed record OutboxEntry(string Key, string Method, string Url, DateTimeOffset AddedAt)
{
    /// <summary>Method and URL with secrets masked.</summary>
    public override string ToString() => $"{Method} {Redactor.Redact(Url)} ({Key})";
}
