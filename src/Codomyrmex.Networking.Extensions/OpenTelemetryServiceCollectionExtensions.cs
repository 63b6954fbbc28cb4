using Codomyrmex.Networking.Diagnostics;
using Microsoft.Extensions.DependencyInjection;
using OpenTelemetry.Metrics;
using OpenTelemetry.Trace;

namespace Codomyrmex.Networking.Extensions;

/// <summary>Hands telemetry to OpenTelemetry.</summary>
public static class OpenTelemetryServiceCollectionExtensions
{
    /// <summary>
    /// Lets the container's OpenTelemetry providers collect the spans and metrics of this library, where it has such providers
    /// (<c>services.AddOpenTelemetry().WithTracing().WithMetrics()</c>), in whatever order both are added. The names are those of <see cref="NetworkTelemetry"/>.
    /// </summary>
    /// <param name="services">The container.</param>
    public static IServiceCollection AddCodomyrmexNetworkingInstrumentation(this IServiceCollection services)
    {
        ArgumentNullException.ThrowIfNull(services);
        services.ConfigureOpenTelemetryTracerProvider(static builder => builder.AddSource(NetworkTelemetry.ActivitySourceName));
        services.ConfigureOpenTelemetryMeterProvider(static builder => builder.AddMeter(NetworkTelemetry.MeterName));
        return services;
    }
}
