using Codomyrmex.Networking.Http.Internal;

namespace Codomyrmex.Networking.Http;

/// <summary>Operations that a service goes on with after it has answered.</summary>
public sealed partial class HTTPClient
{
    /// <summary>
    /// Sends a request and waits until the operation that it starts is over: asks where <c>Operation-Location</c>, <c>Azure-AsyncOperation</c> or, with 202, <c>Location</c> say, or for the resource itself
    /// while its <c>provisioningState</c> is not final, as often as <c>Retry-After</c> allows. An answer that starts nothing is the result at once.
    /// </summary>
    /// <param name="request">The request. Its fields go with every question, but for those of its body; each question is retried like any GET.</param>
    /// <param name="options">How to wait; null for the defaults.</param>
    /// <param name="cancellationToken">Ends the waiting. The operation goes on at the service.</param>
    /// <returns>The result: what <c>Location</c> leads to, for PUT and PATCH the resource, else the last answer.</returns>
    /// <exception cref="HTTPException">An answer is no success (<c>http.status</c>), or the operation failed there (<c>http.operation_failed</c>).</exception>
    /// <exception cref="NetworkTimeoutException">It was not over in time (<c>timeout.total</c>).</exception>
    public Task<Response> RunToEndAsync(Request request, LongRunningOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(request);
        options ??= LongRunningOptions.Default;
        options.Validate();
        return new LongRunningCall(this, request, options).StartAsync(cancellationToken);
    }

    /// <summary>Waits for an operation that was started before: the address is <see cref="LongRunningProgress.Monitor"/> of then.</summary>
    /// <param name="monitor">The address to ask at; it also says what it is about.</param>
    /// <param name="options">How to wait; null for the defaults.</param>
    /// <param name="request">Fields and other options for each question; null for none.</param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    /// <returns>What it came to: the last answer, or what that names as the result (<c>resourceLocation</c>).</returns>
    /// <inheritdoc cref="RunToEndAsync"/>
    public Task<Response> WaitForAsync(string monitor, LongRunningOptions? options = null, RequestOptions? request = null, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(monitor);
        options ??= LongRunningOptions.Default;
        options.Validate();
        return new LongRunningCall(this, new Request("GET", monitor) { Options = request ?? RequestOptions.Default }, options, isMonitor: true).StartAsync(cancellationToken);
    }
}
