using Codomyrmex.Networking.Fleet.Internal.Hosting;
using Codomyrmex.Networking.Fleet.Internal.Storage;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace Codomyrmex.Networking.Fleet;

/// <summary>One machine of a fleet, as it runs in this process. Safe to share between threads.</summary>
public sealed class FleetNode : IAsyncDisposable
{
    private readonly IHost _host;
    private readonly StateFile _state;

    private FleetNode(IHost host, StateFile state) => (_host, _state) = (host, state);

    internal IGrainFactory Grains => _host.Services.GetRequiredService<IGrainFactory>();

    /// <summary>Starts a machine.</summary>
    /// <param name="options">How it takes part.</param>
    /// <param name="cancellationToken">Cancels the start.</param>
    /// <exception cref="ArgumentException">A setting makes no sense.</exception>
    /// <exception cref="NetworkException">The state cannot be used (<c>local.io</c>).</exception>
    public static async Task<FleetNode> StartAsync(FleetOptions options, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(options);
        options.Validate();
        var state = StateFile.Open(options.StatePath);
        try
        {
            var host = SiloHost.Build(options, state);
            await host.StartAsync(cancellationToken).ConfigureAwait(false);
            return new FleetNode(host, state);
        }
        catch
        {
            state.Dispose();
            throw;
        }
    }

    /// <summary>Stops the machine: what it was doing is written down, and others take over.</summary>
    public async ValueTask DisposeAsync()
    {
        await _host.StopAsync().ConfigureAwait(false);
        _host.Dispose();
        _state.Dispose();
    }
}
