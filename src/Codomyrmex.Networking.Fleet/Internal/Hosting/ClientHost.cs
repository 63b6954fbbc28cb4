using Codomyrmex.Networking.Fleet.Internal.Agents;
using Codomyrmex.Networking.Fleet.Internal.Storage;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Orleans.Configuration;
using Orleans.Messaging;

namespace Codomyrmex.Networking.Fleet.Internal.Hosting;

/// <summary>Puts a program's side together.</summary>
internal static class ClientHost
{
    // The fleet needs no longer to answer, and a call that was lost is repeated.
    private static readonly TimeSpan MostWait = TimeSpan.FromSeconds(5);

    public static IHost Build(FleetClientOptions options)
    {
        var certificates = options.Tls is { } tls ? FleetCertificates.Read(tls) : null;
        var builder = Host.CreateEmptyApplicationBuilder(null);
        builder.Services.AddSingleton(new AgentSite { Machine = Environment.MachineName, Address = options.Address, Certificates = certificates });
        builder.UseOrleansClient(client =>
        {
            client.Configure<ClusterOptions>(static cluster => cluster.ClusterId = cluster.ServiceId = SiloHost.Cluster);
            client.Configure<ClientMessagingOptions>(messages => messages.ResponseTimeout = TimeSpan.FromTicks(Math.Min(options.Timeout.Ticks, MostWait.Ticks)));
            if (options.Redis is { } redis)
                client.UseRedisClustering(clustering => clustering.ConfigurationOptions = RedisSettings.Parse(redis));
            else if (options.Postgres is { } postgres)
                client.Services.AddSingleton(_ => new PostgresDatabase(postgres)).AddSingleton<IGatewayListProvider, PostgresMembership>();
            else
                client.UseStaticClustering(options.Gateway);
            if (certificates is not null)
                client.UseTls(certificates.Set);
            else
                client.Configure<ClientConnectionOptions>(static connections => connections.ConfigureConnection(OwnMachine.Demand));
        });
        return builder.Build();
    }
}
