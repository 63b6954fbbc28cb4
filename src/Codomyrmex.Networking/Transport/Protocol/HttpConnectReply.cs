namespace Codomyrmex.Networking.Transport.Protocol;

/// <summary>The head of an HTTP proxy's answer to CONNECT, as far as the tunnel cares.</summary>
/// <param name="Status">The status, 100 to 599.</param>
/// <param name="Reason">The reason phrase as sent: escape it before it is shown.</param>
/// <param name="Schemes">The authentication schemes of Proxy-Authenticate, one a header line.</param>
/// <param name="RetryAfter">Retry-After, where it is a number of seconds.</param>
internal sealed record HttpConnectReply(int Status, string Reason, IReadOnlyList<string> Schemes, TimeSpan? RetryAfter);
