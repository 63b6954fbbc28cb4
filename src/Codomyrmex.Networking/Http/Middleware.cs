namespace Codomyrmex.Networking.Http;

/// <summary>
/// Wraps a call: may change the request, look at or replace the response, call <paramref name="next"/> again or not at all.
/// Called concurrently.
/// </summary>
/// <param name="request">The request as the caller made it.</param>
/// <param name="next">The rest of the client.</param>
/// <param name="cancellationToken">The caller's token.</param>
public delegate Task<Response> Middleware(Request request, Func<Request, CancellationToken, Task<Response>> next, CancellationToken cancellationToken);
