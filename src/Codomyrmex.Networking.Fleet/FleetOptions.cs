using System.Net;
using System.Text;
using Codomyrmex.Networking.Fleet.Internal;
using Codomyrmex.Networking.Fleet.Internal.Hosting;
using Codomyrmex.Networking.Fleet.Internal.Storage;
using Codomyrmex.Networking.Security;
using Codomyrmex.Networking.Transport;
using Microsoft.Extensions.Logging;
using Orleans.Storage;

namespace Codomyrmex.Networking.Fleet;

/// <summary>How a machine takes part in a fleet. Immutable.</summary>
public sealed record FleetOptions
{
    /// <summary>What people call the machine. The default value is the system's name of it.</summary>
    public string Name { get; init; } = Environment.MachineName;

    /// <summary>
    /// The file that keeps the state of a machine on its own; its owner alone can read it. It is made where it is missing. Needed without <see cref="Redis"/> and <see cref="Postgres"/>,
    /// and plays no part with them. The default value is null.
    /// </summary>
    public string? StatePath { get; init; }

    /// <summary>
    /// The Redis that the machines of the fleet share: it keeps who they are, and their state. In the form of StackExchange.Redis: <c>host:port,password=…,ssl=true</c>. It
    /// holds a secret and is not printed. The default value is null: the machine is a fleet by itself.
    /// </summary>
    public string? Redis { get; init; }

    /// <summary>
    /// The PostgreSQL that the machines of the fleet share instead; the first one makes its tables. In the form of Npgsql: <c>Host=…;Database=…;Username=…;Password=…</c>. It holds a
    /// secret and is not printed. The default value is null.
    /// </summary>
    public string? Postgres { get; init; }

    /// <summary>The address to listen at, for other machines and for programs; they reach it by that. The default value is 127.0.0.1.</summary>
    public IPAddress Address { get; init; } = IPAddress.Loopback;

    /// <summary>The port for other machines. The default value is 11111.</summary>
    public int MachinePort { get; init; } = 11111;

    /// <summary>The port for programs. The default value is 30000.</summary>
    public int GatewayPort { get; init; } = 30000;

    /// <summary>Where to show the fleet in a browser. The default value is null: nowhere. The page can be read by whoever reaches it, and changes nothing.</summary>
    public IPEndPoint? Page { get; init; }

    /// <summary>What machines show each other, and whom they trust. Needed for every <see cref="Address"/> but this machine's own. The default value is null.</summary>
    public FleetTls? Tls { get; init; }

    /// <summary>What this machine's operator allows, whatever a plan says; both must allow a target. The default value is <see cref="EgressPolicy.Unrestricted"/>.</summary>
    public EgressPolicy Policy { get; init; } = EgressPolicy.Unrestricted;

    /// <summary>Probes a second that this machine sends at most, of all campaigns together. The default value is null: what the campaigns allow.</summary>
    public int? ProbesPerSecond { get; init; }

    /// <summary>How names are found, where a plan has some. The default value is the system's resolver.</summary>
    public ResolverOptions Resolver { get; init; } = ResolverOptions.Default;

    /// <summary>The clock. The default value is the system's.</summary>
    public TimeProvider Clock { get; init; } = TimeProvider.System;

    /// <summary>Where the machine logs. The default value is null: nowhere.</summary>
    public ILoggerFactory? LoggerFactory { get; init; }

    internal FleetTiming Timing { get; init; } = FleetTiming.Default;

    /// <summary>What a test puts between grains and the file that keeps their state.</summary>
    internal Func<IGrainStorage, IGrainStorage>? Storage { get; init; }

    /// <summary>Throws where a value makes no sense.</summary>
    /// <exception cref="ArgumentException">A property is wrong; its name is in the message.</exception>
    public void Validate()
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(Name, "FleetOptions.Name");
        if (((string?[])[StatePath, Redis, Postgres]).Count(static place => place is not null) != 1)
            throw new ArgumentException("FleetOptions.StatePath: a machine keeps its state in a file of its own, or in the Redis or the PostgreSQL of its fleet, in one of the three.", nameof(StatePath));
        if (Postgres is not null)
            PostgresDatabase.Check(Postgres, "FleetOptions.Postgres");
        if (Redis is not null)
            RedisSettings.Check(Redis, "FleetOptions.Redis");
        ArgumentNullException.ThrowIfNull(Address, "FleetOptions.Address");
        if (Address.Equals(IPAddress.Any) || Address.Equals(IPAddress.IPv6Any))
            throw new ArgumentException("FleetOptions.Address: others reach the machine by this address, so it cannot be all of them.", nameof(Address));
        ArgumentOutOfRangeException.ThrowIfLessThan(MachinePort, 1, "FleetOptions.MachinePort");
        ArgumentOutOfRangeException.ThrowIfGreaterThan(MachinePort, 65535, "FleetOptions.MachinePort");
        ArgumentOutOfRangeException.ThrowIfLessThan(GatewayPort, 1, "FleetOptions.GatewayPort");
        ArgumentOutOfRangeException.ThrowIfGreaterThan(GatewayPort, 65535, "FleetOptions.GatewayPort");
        ArgumentNullException.ThrowIfNull(Policy, "FleetOptions.Policy");
        ArgumentOutOfRangeException.ThrowIfLessThan(ProbesPerSecond ?? 1, 1, "FleetOptions.ProbesPerSecond");
        Resolver.Validate();
        Tls?.Validate();
        if (Tls is null && !IPAddress.IsLoopback(Address))
            throw new ArgumentException($"FleetOptions.Tls: at {Address} others than this machine can connect, and whoever can make it scan; that takes mutual TLS.", nameof(Tls));
    }

    private bool PrintMembers(StringBuilder text)
    {
        text.Append("Name = ").Append(Name).Append(", StatePath = ").Append(StatePath).Append(", Redis = ").Append(Redis is null ? "null" : "***").Append(", Postgres = ").Append(Postgres is null ? "null" : "***").Append(", Address = ").Append(Address)
            .Append(", MachinePort = ").Append(MachinePort).Append(", GatewayPort = ").Append(GatewayPort).Append(", Page = ").Append(Page);
        return true;
    }
}
