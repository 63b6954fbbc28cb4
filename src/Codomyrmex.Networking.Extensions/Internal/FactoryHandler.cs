namespace Codomyrmex.Networking.Extensions.Internal;

/// <summary>Asks the factory for its present handler at each request, so that its rotation goes on working.</summary>
internal sealed class FactoryHandler(IHttpMessageHandlerFactory factory, string name) : HttpMessageHandler
{
    /// <summary>The platform's engine with all switched off that the client above it does.</summary>
#pragma warning disable RS0030 // The caller has asked for the platform's own connections.
    public static HttpMessageHandler Make() => new SocketsHttpHandler { AllowAutoRedirect = false, UseCookies = false };
#pragma warning restore RS0030

    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        using var invoker = new HttpMessageInvoker(factory.CreateHandler(name), disposeHandler: false);
        return await invoker.SendAsync(request, cancellationToken).ConfigureAwait(false);
    }
}
