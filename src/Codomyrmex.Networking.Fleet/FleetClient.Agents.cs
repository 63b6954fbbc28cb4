using System.Collections.Concurrent;
using System.Net;
using Codomyrmex.Networking.Fleet.Internal.Agents;
using Codomyrmex.Networking.Rpc;
using Microsoft.Extensions.Logging;

namespace Codomyrmex.Networking.Fleet;

/// <content>Agents: served here, found anywhere.</content>
public sealed partial class FleetClient
{
    private readonly AgentSite _site;
    private readonly ILogger _logger;
    private readonly ConcurrentDictionary<FleetAgent, bool> _served = new();

    /// <summary>
    /// Serves an agent under a name of the fleet, by which every program of it calls it. Who has a name keeps it while it renews its lease; whoever else asks for it waits.
    /// </summary>
    /// <param name="name">The name: 1 to 100 letters and digits of ASCII, dots, hyphens and underscores.</param>
    /// <param name="server">
    /// What it would be given as an <see cref="RpcServer"/>. <see cref="RpcServerOptions.Tls"/> is the fleet's own: both sides show their certificates, and <see cref="RpcCall.Peer"/> says
    /// whose the caller's is.
    /// </param>
    /// <param name="options">How it takes part; null for the defaults.</param>
    /// <param name="cancellationToken">Cancels the wait for the name.</param>
    /// <returns>The agent, once it has its name.</returns>
    /// <exception cref="ArgumentException">The name or a setting makes no sense.</exception>
    /// <exception cref="NetworkException">
    /// Another agent has the name (<c>fleet.agent_taken</c>), no machine answered (<c>fleet.unreachable</c>), or the address cannot be listened on (<c>local.address</c>).
    /// </exception>
    public async Task<FleetAgent> ServeAgentAsync(string name, RpcServerOptions server, FleetAgentOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(server);
        options ??= FleetAgentOptions.Default;
        options.Validate();
        if (server.Tls is not null)
            throw new ArgumentException("RpcServerOptions.Tls: agents of a fleet show its certificates (FleetOptions.Tls, FleetClientOptions.Tls).", nameof(server));
        var address = options.Address ?? _site.Address;
        if (_site.Certificates is null && !IPAddress.IsLoopback(address))
            throw new ArgumentException($"FleetAgentOptions.Address: at {address} others than this machine can connect; that takes mutual TLS.", nameof(options));
        var grain = Agent(name);
        NameLease? lease = null;
        var listener = RpcServer.Start(AgentAddress.Write(new IPEndPoint(address, options.Port), _site), server with
        {
            Tls = _site.Certificates?.Server,
            Rpc = server.Rpc with { MayServe = () => Volatile.Read(ref lease) is { IsHeld: true } && server.Rpc.MayServe?.Invoke() != false },
        });
        var claim = new AgentClaim
        {
            Holder = Guid.NewGuid().ToString("N"),
            Machine = _site.Machine,
            Address = AgentAddress.Shorten(listener.Address),
            Pin = _site.Certificates?.Pin ?? "",
        };
        // Whatever an agent does that has lost its name ends: another one may do it by now.
        Volatile.Write(ref lease, new NameLease(grain, name, claim, () => Task.WhenAll(listener.Connections.Select(static one => one.DisposeAsync().AsTask())), _site, _logger));
        var agent = new FleetAgent(name, listener, lease, ended => _served.TryRemove(ended, out _));
        _served[agent] = true;
        try
        {
            await lease.WaitAsync(options.ClaimTimeout, cancellationToken).ConfigureAwait(false);
            return agent;
        }
        catch (Exception error)
        {
            await agent.DisposeAsync().ConfigureAwait(false);
            if (error is TimeoutException)
                throw AgentFailure.Taken(name, lease.HeldBy);
            throw;
        }
    }

    /// <summary>An agent of the fleet, by its name. Nothing is sent before it is called.</summary>
    /// <param name="name">The name.</param>
    /// <param name="options">
    /// How it is reached and spoken with: <see cref="RpcConnectOptions.Transport"/> has the egress policy, <see cref="RpcOptions.Methods"/> what it may call in turn. TLS is the fleet's own.
    /// Null for the defaults.
    /// </param>
    /// <exception cref="ArgumentException">The name or a setting makes no sense.</exception>
    public RemoteAgent GetAgent(string name, RpcConnectOptions? options = null)
    {
        options ??= RpcConnectOptions.Default;
        options.Rpc.Validate();
        if (options.Transport.Tls != Transport.TlsOptions.Default)
            throw new ArgumentException("RpcConnectOptions.Transport.Tls: agents of a fleet show its certificates, and are shown this program's.", nameof(options));
        return new RemoteAgent(name, this, Agent(name), options, _site);
    }

    /// <summary>The agents of the fleet, by name.</summary>
    /// <param name="cancellationToken">Cancels the wait.</param>
    /// <exception cref="NetworkException">No machine answered.</exception>
    public async Task<IReadOnlyList<AgentStatus>> GetAgentsAsync(CancellationToken cancellationToken = default)
    {
        var agents = new List<AgentStatus>();
        foreach (var name in await CallAsync(_grains.GetGrain<IAgentListGrain>(0).NamesAsync, cancellationToken).ConfigureAwait(false))
        {
            if (await CallAsync(_grains.GetGrain<IAgentGrain>(name).FindAsync, cancellationToken).ConfigureAwait(false) is not { } agent)
                continue;
            agents.Add(new AgentStatus
            {
                Name = name,
                IsUp = agent.IsHeld,
                Machine = agent.Machine,
                Address = agent.Address,
                Number = agent.Number,
                Since = agent.Since,
                RenewedAt = agent.RenewedAt,
            });
        }
        return agents;
    }

    private IAgentGrain Agent(string name)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        if (name.Length > 100 || name.Any(static letter => !char.IsAsciiLetterOrDigit(letter) && letter is not ('.' or '-' or '_')))
            throw new ArgumentException("An agent's name has 1 to 100 letters and digits of ASCII, dots, hyphens and underscores.", nameof(name));
        return _grains.GetGrain<IAgentGrain>(name);
    }
}
