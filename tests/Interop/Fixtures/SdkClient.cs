using Codomyrmex.Networking.Extensions;
using Codomyrmex.Networking.Http;
using Codomyrmex.Networking.Resilience;
using Codomyrmex.Networking.Security;
using Codomyrmex.Networking.Transport;
using Microsoft.Extensions.DependencyInjection;

namespace Codomyrmex.Networking.Tests.Interop.Fixtures;

/// <summary>The platform's client as an SDK gets it from a container: a named client of IHttpClientFactory that sends through a named client of ours.</summary>
internal sealed class SdkClient : IAsyncDisposable
{
    private readonly ServiceProvider _provider;

    public SdkClient(Func<HTTPClientOptions, HTTPClientOptions>? change = null)
    {
        var services = new ServiceCollection().AddCodomyrmexNetworking()
            .AddHTTPClient("sdk", options => options with { Retry = RetryOptions.None, Timeouts = Timeouts.Default with { Total = TimeSpan.FromSeconds(60) } });
        if (change is not null)
            services.AddHTTPClient("sdk", change);
        services.AddHttpClient("sdk").UseHTTPClient("sdk");
        _provider = services.BuildServiceProvider();
        Http = _provider.GetRequiredService<IHttpClientFactory>().CreateClient("sdk");
    }

    public HttpClient Http { get; }

    /// <summary>Settings under which nothing on this machine may be reached.</summary>
    public static HTTPClientOptions PublicOnly(HTTPClientOptions options) =>
        options with { Transport = TransportOptions.Default with { Policy = EgressPolicy.PublicInternetOnly } };

    /// <summary>Settings under which a body of more than 100 bytes is refused.</summary>
    public static HTTPClientOptions Tiny(HTTPClientOptions options) => options with { Limits = ResponseLimits.Default with { StreamedBytes = 100, BufferedBytes = 100 } };

    /// <summary>The error of ours somewhere inside an SDK's.</summary>
    public static T Ours<T>(Exception? error) where T : NetworkException => Find<T>(error) ?? throw new InvalidOperationException($"No {typeof(T).Name} within {error}");

    private static T? Find<T>(Exception? error) where T : NetworkException => error switch
    {
        null => null,
        T ours => ours,
        AggregateException many => many.InnerExceptions.Select(Find<T>).FirstOrDefault(found => found is not null),
        _ => Find<T>(error.InnerException),
    };

    public ValueTask DisposeAsync() => _provider.DisposeAsync();
}
