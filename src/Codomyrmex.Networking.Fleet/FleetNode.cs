using Codomyrmex.Networking.Fleet.Internal.Hosting;
using Codomyrmex.Networking.Fleet.Internal.Storage;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace Codomyrmex.Networking.Fleet;

/// <summary>One machine of a fleet, as it runs in this process. Safe to share between threads.</summary>
public sealed class FleetNode : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    private readonly IHost _host;
    private readonly StateFile? _state;
    private int _isDisposed;

    private FleetNode(IHost host, StateFile? state)
    {
        (_host, _state) = (host, state);
        Client = FleetClient.Of(host);
    }

    /// <summary>The fleet, as a program sees it. It ends with the machine.</summary>
    public FleetClient Client { get; }

    /// <summary>
    /// Ends when the others have given this machine up, since it was cut off or stood still for too long. It probes no more; dispose of it and start another one.
    /// </summary>
    public Task ShutOut => _host.Services.GetRequiredService<ShutOut>().Reason;

    internal IGrainFactory Grains => _host.Services.GetRequiredService<IGrainFactory>();

    /// <summary>Starts a machine.</summary>
    /// <param name="options">How it takes part.</param>
    /// <param name="cancellationToken">Cancels the start.</param>
    /// <exception cref="ArgumentException">A setting makes no sense.</exception>
    /// <exception cref="NetworkException">
    /// The state or a certificate cannot be used (<c>local.io</c>), a port is taken (<c>local.address</c>), or the Redis or PostgreSQL cannot be reached (<c>fleet.unreachable</c>).
    /// </exception>
    public static async Task<FleetNode> StartAsync(FleetOptions options, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(options);
        options.Validate();
        var state = options.StatePath is { } path ? StateFile.Open(path) : null;
        IHost? host = null;
        try
        {
            host = SiloHost.Build(options, state);
            await host.StartAsync(cancellationToken).ConfigureAwait(false);
            return new FleetNode(host, state);
        }
        catch (Exception error)
        {
            host?.Dispose();
            state?.Dispose();
            if (error is OperationCanceledException or NetworkException)
                throw;
            throw FleetFailure.OfStart(error);
        }
    }

    /// <summary>Stops the machine: what it was doing is written down, and others take over. Its agents end first.</summary>
    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _isDisposed, 1) != 0)
            return;
        await Client.DisposeAsync().ConfigureAwait(false);
        using var patience = new CancellationTokenSource(Patience);
        try
        {
            await _host.StopAsync(patience.Token).ConfigureAwait(false);
        }
        catch (Exception error) when (ShutOut.IsCompleted || error is OperationCanceledException)
        {
            // Who is no longer of the fleet cannot take leave of it.
        }
        _host.Dispose();
        _state?.Dispose();
    }
}
