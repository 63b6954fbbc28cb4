namespace Codomyrmex.Networking.Tests.Conformance.Client;

/// <summary>The client under test, as far as the cases need it: what it receives it sends back.</summary>
internal interface IConformanceClient : IAsyncDisposable
{
    /// <summary>The next message; null after a clean close. Throws where the connection fails.</summary>
    Task<ConformanceMessage?> ReceiveAsync(CancellationToken cancellationToken);

    Task SendAsync(ConformanceMessage message, CancellationToken cancellationToken);

    Task CloseAsync(int code, string reason, CancellationToken cancellationToken);
}
