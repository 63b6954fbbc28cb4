using Codomyrmex.Networking.Fleet.Internal.Agents;
using Codomyrmex.Networking.Rpc;

namespace Codomyrmex.Networking.Fleet;

/// <summary>
/// An agent that is served here under a name of the fleet (<see cref="FleetClient.ServeAgentAsync"/>). It has its name under a lease: while that is in force, it serves; when it is over, since the
/// machine was cut off or stood still, whatever it was doing is given up, and it asks for the name again. Thread-safe.
/// </summary>
public sealed class FleetAgent : IAsyncDisposable
{
    private readonly RpcServer _server;
    private readonly NameLease _lease;
    private readonly Action<FleetAgent> _ended;

    internal FleetAgent(string name, RpcServer server, NameLease lease, Action<FleetAgent> ended)
    {
        Name = name;
        (_server, _lease, _ended) = (server, lease, ended);
    }

    /// <summary>The name that it is called by.</summary>
    public string Name { get; }

    /// <summary>Where it listens.</summary>
    public string Address => _server.Address;

    /// <summary>
    /// The number under which it has its name now; 0 while it has not. It grows whenever the name goes to another agent, so whoever keeps what agents write can refuse what comes under a lower number than it has seen.
    /// </summary>
    public long Number => _lease.Number;

    /// <summary>Whether it has its name at this moment, and serves.</summary>
    public bool IsUp => _lease.IsHeld;

    /// <summary>
    /// Ends the agent: takes no more calls, which fail with <c>rpc.stopping</c>, lets those under way come to their end, and gives the name back.
    /// </summary>
    /// <param name="drain">How long to wait; <see cref="TimeSpan.Zero"/> not at all.</param>
    /// <param name="cancellationToken">Cuts the wait short.</param>
    /// <returns>The number of conversations that had calls to be given up.</returns>
    public async Task<int> StopAsync(TimeSpan drain, CancellationToken cancellationToken = default)
    {
        _ended(this);
        // The name is given back last: nobody else has it while calls under way come to their end.
        var left = await _server.StopAsync(drain, cancellationToken).ConfigureAwait(false);
        await _lease.DisposeAsync().ConfigureAwait(false);
        return left;
    }

    /// <summary>Ends the agent, giving up the calls under way.</summary>
    public async ValueTask DisposeAsync() => await StopAsync(TimeSpan.Zero).ConfigureAwait(false);
}
