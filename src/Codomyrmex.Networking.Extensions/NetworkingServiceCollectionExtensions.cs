using Codomyrmex.Networking.Extensions.Internal;
using Codomyrmex.Networking.Http;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;

namespace Codomyrmex.Networking.Extensions;

/// <summary>Adds clients to a container.</summary>
public static class NetworkingServiceCollectionExtensions
{
    /// <summary>
    /// Adds <see cref="IHTTPClients"/> and a default <see cref="HTTPClient"/>. Clients log to the container's <c>ILoggerFactory</c> and use its
    /// <see cref="TimeProvider"/>, where there are any.
    /// </summary>
    /// <param name="services">The container.</param>
    /// <param name="configure">Makes the default client's options from the defaults; null leaves them.</param>
    public static IServiceCollection AddCodomyrmexNetworking(this IServiceCollection services, Func<HTTPClientOptions, HTTPClientOptions>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(services);
        services.AddOptions();
        services.TryAddSingleton<IHTTPClients, HTTPClients>();
        services.TryAddSingleton(static provider => provider.GetRequiredService<IHTTPClients>().Get(""));
        return services.AddHTTPClient("", configure ?? (static options => options));
    }

    /// <summary>Adds a named client; added again, the later change is made to the result of the earlier one.</summary>
    /// <param name="services">The container.</param>
    /// <param name="name">The name; empty for the default client.</param>
    /// <param name="configure">Makes the client's options.</param>
    public static IServiceCollection AddHTTPClient(this IServiceCollection services, string name, Func<HTTPClientOptions, HTTPClientOptions> configure)
    {
        ArgumentNullException.ThrowIfNull(configure);
        return services.AddHTTPClient(name, (_, options) => configure(options));
    }

    /// <summary>
    /// Adds a named client with these options, such as a profile of <see cref="HTTPProfiles"/>. The container's logger and clock hold where they name none.
    /// </summary>
    /// <param name="services">The container.</param>
    /// <param name="name">The name; empty for the default client.</param>
    /// <param name="options">The options, in the place of all that was configured before.</param>
    public static IServiceCollection AddHTTPClient(this IServiceCollection services, string name, HTTPClientOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        return services.AddHTTPClient(name, (_, before) => options with
        {
            Logger = options.Logger ?? before.Logger,
            Clock = options.Clock == TimeProvider.System ? before.Clock : options.Clock,
        });
    }

    /// <summary>Adds a named client whose options need other services: a cache, a limiter, a source of tokens.</summary>
    /// <param name="services">The container.</param>
    /// <param name="name">The name; empty for the default client.</param>
    /// <param name="configure">Makes the client's options.</param>
    public static IServiceCollection AddHTTPClient(this IServiceCollection services, string name, Func<IServiceProvider, HTTPClientOptions, HTTPClientOptions> configure)
    {
        ArgumentNullException.ThrowIfNull(services);
        ArgumentNullException.ThrowIfNull(name);
        ArgumentNullException.ThrowIfNull(configure);
        services.AddSingleton(new NamedClient(name, configure));
        if (name.Length > 0)
            services.TryAddSingleton<IHTTPClients, HTTPClients>();
        return services;
    }

    /// <summary>
    /// Adds a named client with settings from configuration. They are checked when the program starts, and the message names the setting that is wrong.
    /// </summary>
    /// <param name="services">The container.</param>
    /// <param name="name">The name; empty for the default client.</param>
    /// <param name="section">The section; its keys are the properties of <see cref="HTTPClientSettings"/>.</param>
    public static IServiceCollection AddHTTPClient(this IServiceCollection services, string name, IConfiguration section)
    {
        ArgumentNullException.ThrowIfNull(section);
        services.AddHTTPClient(name, (provider, options) => provider.GetRequiredService<IOptionsMonitor<HTTPClientSettings>>().Get(name).ApplyTo(options));
        services.AddOptions<HTTPClientSettings>(name).Bind(section).ValidateOnStart();
        services.AddSingleton<IValidateOptions<HTTPClientSettings>>(new SettingsValidation(name));
        return services;
    }

    /// <summary>
    /// Lets a client of <c>IHttpClientFactory</c>, and so an SDK that takes one, send through an <see cref="HTTPClient"/>: its policy, limits, credentials,
    /// retries and redirects hold.
    /// </summary>
    /// <param name="builder">The builder of the client.</param>
    /// <param name="name">The name of the <see cref="HTTPClient"/>; empty for the default one.</param>
    public static IHttpClientBuilder UseHTTPClient(this IHttpClientBuilder builder, string name = "")
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentNullException.ThrowIfNull(name);
        // Connections are ours and renewed by our pool: the factory must not throw the handler away every two minutes.
        return builder.SetHandlerLifetime(Timeout.InfiniteTimeSpan)
            .ConfigurePrimaryHttpMessageHandler(provider => provider.GetRequiredService<IHTTPClients>().Get(name).ToMessageHandler());
    }

    /// <summary>
    /// Lets a named client send through a handler that <c>IHttpClientFactory</c> makes, with the handlers that were added to it there. The factory's
    /// handlers open the connections then; see <see cref="HTTPClientOptions.MessageHandler"/>.
    /// </summary>
    /// <param name="services">The container.</param>
    /// <param name="name">The name of the <see cref="HTTPClient"/>.</param>
    /// <param name="handlerName">The name of the factory's client; null for the same name.</param>
    public static IServiceCollection AddHTTPClientOverFactory(this IServiceCollection services, string name, string? handlerName = null)
    {
        ArgumentNullException.ThrowIfNull(name);
        // Undone by our client, not twice: redirects, cookies, decompression.
        services.AddHttpClient(handlerName ?? name).ConfigurePrimaryHttpMessageHandler(FactoryHandler.Make);
        return services.AddHTTPClient(name, (provider, options) => options with { MessageHandler = new FactoryHandler(provider.GetRequiredService<IHttpMessageHandlerFactory>(), handlerName ?? name) });
    }
}
