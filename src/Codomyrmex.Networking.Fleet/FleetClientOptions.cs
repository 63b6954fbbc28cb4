using System.Net;
using System.Text;
using Codomyrmex.Networking.Fleet.Internal.Hosting;
using Codomyrmex.Networking.Fleet.Internal.Storage;

namespace Codomyrmex.Networking.Fleet;

/// <summary>How a program reaches a fleet. Immutable.</summary>
public sealed record FleetClientOptions
{
    /// <summary>A machine's port for programs (<see cref="FleetOptions.GatewayPort"/>). It plays no part with <see cref="Redis"/> or <see cref="Postgres"/>. The default value is 127.0.0.1:30000.</summary>
    public IPEndPoint Gateway { get; init; } = new(IPAddress.Loopback, 30000);

    /// <summary>
    /// The Redis that the fleet's machines share, which knows where they are; in the form of StackExchange.Redis: <c>host:port,password=…,ssl=true</c>. It holds a secret and is not
    /// printed. The default value is null: none.
    /// </summary>
    public string? Redis { get; init; }

    /// <summary>
    /// The PostgreSQL that the fleet's machines share, which knows where they are; in the form of Npgsql: <c>Host=…;Database=…;Username=…;Password=…</c>. It holds a secret and is not
    /// printed. The default value is null: none.
    /// </summary>
    public string? Postgres { get; init; }

    /// <summary>What this program shows to machines, and whom it trusts. Needed where they ask for it. The default value is null.</summary>
    public FleetTls? Tls { get; init; }

    /// <summary>The address that agents of this program listen at (<see cref="FleetClient.ServeAgentAsync"/>); others reach them by that. The default value is 127.0.0.1.</summary>
    public IPAddress Address { get; init; } = IPAddress.Loopback;

    /// <summary>How long a machine has to answer when the program connects; a <see cref="Gateway"/> that refuses connections is tried three times and then given up. The default value is 20 seconds.</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(20);

    /// <summary>Throws where a value makes no sense.</summary>
    /// <exception cref="ArgumentException">A property is wrong; its name is in the message.</exception>
    public void Validate()
    {
        ArgumentNullException.ThrowIfNull(Gateway, "FleetClientOptions.Gateway");
        ArgumentNullException.ThrowIfNull(Address, "FleetClientOptions.Address");
        ArgumentOutOfRangeException.ThrowIfLessThan(Timeout, TimeSpan.FromMilliseconds(100), "FleetClientOptions.Timeout");
        Tls?.Validate();
        if (Postgres is not null)
            PostgresDatabase.Check(Postgres, "FleetClientOptions.Postgres");
        if (Redis is not null)
            RedisSettings.Check(Redis, "FleetClientOptions.Redis");
        if (Redis is not null && Postgres is not null)
            throw new ArgumentException("FleetClientOptions.Postgres: a fleet has a Redis or a PostgreSQL, not both.", nameof(Postgres));
        if (Tls is null && Redis is null && Postgres is null && !IPAddress.IsLoopback(Gateway.Address))
            throw new ArgumentException("FleetClientOptions.Tls: a machine that is not this one is reached over mutual TLS alone.", nameof(Tls));
    }

    private bool PrintMembers(StringBuilder text)
    {
        text.Append("Gateway = ").Append(Gateway).Append(", Redis = ").Append(Redis is null ? "null" : "***").Append(", Postgres = ").Append(Postgres is null ? "null" : "***").Append(", Timeout = ").Append(Timeout);
        return true;
    }
}
