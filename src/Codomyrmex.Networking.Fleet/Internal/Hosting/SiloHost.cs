using System.Net;
using Codomyrmex.Networking.Fleet.Internal.Agents;
using Codomyrmex.Networking.Fleet.Internal.Storage;
using Codomyrmex.Networking.Fleet.Internal.Web;
using Codomyrmex.Networking.Fleet.Internal.Work;
using Codomyrmex.Networking.Transport;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Orleans.Configuration;
using Orleans.Dashboard;
using Orleans.Storage;

namespace Codomyrmex.Networking.Fleet.Internal.Hosting;

/// <summary>Puts one machine together: where it listens, who its neighbours are, where its grains keep their state, and what it does.</summary>
internal static class SiloHost
{
    /// <summary>The name of the cluster, and of what it stores.</summary>
    public const string Cluster = "codonet";

    // Connections to the page.
    private const int MostReaders = 256;

    /// <summary>Builds it.</summary>
    /// <param name="options">How it takes part.</param>
    /// <param name="state">Its state, where it is on its own; null where it is shared.</param>
    public static IHost Build(FleetOptions options, StateFile? state)
    {
        var certificates = options.Tls is { } tls ? FleetCertificates.Read(tls) : null;
        if (options.Page is not { } page)
        {
            var plain = Host.CreateEmptyApplicationBuilder(null);
            Add(plain, options, state, certificates);
            return plain.Build();
        }
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        Add(builder, options, state, certificates);
        builder.WebHost.UseKestrelCore().ConfigureKestrel(server =>
        {
            server.AddServerHeader = false;
            server.Limits.MaxConcurrentConnections = MostReaders;
            server.Listen(page);
        });
        builder.Services.AddRoutingCore();
        var application = builder.Build();
        FleetPage.Map(application, page, FleetClient.Of(application));
        return application;
    }

    private static void Add(IHostApplicationBuilder builder, FleetOptions options, StateFile? state, FleetCertificates? certificates)
    {
        if (options.LoggerFactory is { } loggers)
            builder.Services.AddSingleton(loggers);
        builder.Services.AddSingleton(options.Clock);
        builder.Services.AddSingleton(new FleetSite
        {
            Name = options.Name,
            Policy = options.Policy,
            ProbesPerSecond = options.ProbesPerSecond,
            Transport = TransportOptions.Default with { Resolver = options.Resolver },
            IsAlone = options.StatePath is not null,
            Timing = options.Timing,
        });
        builder.Services.AddSingleton(new AgentSite { Machine = options.Name, Address = options.Address, Certificates = certificates, Timing = options.Timing, Clock = options.Clock });
        builder.Services.AddSingleton<IGrainStorageSerializer, JsonStateSerializer>();
        builder.UseOrleans(silo =>
        {
            if (state is not null)
                KeepInFile(silo, options, state);
            else if (options.Postgres is { } postgres)
                SharePostgres(silo, postgres);
            else
                ShareRedis(silo, options.Redis!);
            silo.Configure<EndpointOptions>(endpoints =>
            {
                endpoints.AdvertisedIPAddress = options.Address;
                (endpoints.SiloPort, endpoints.GatewayPort) = (options.MachinePort, options.GatewayPort);
                endpoints.SiloListeningEndpoint = new IPEndPoint(options.Address, options.MachinePort);
                endpoints.GatewayListeningEndpoint = new IPEndPoint(options.Address, options.GatewayPort);
            });
            silo.Configure<SiloOptions>(names => names.SiloName = options.Name);
            silo.Configure<SiloMessagingOptions>(static messages => messages.ResponseTimeout = messages.SystemResponseTimeout = TimeSpan.FromSeconds(10));
            if (options.Page is not null)
                // What the machine logs is not for whoever reads the page.
                silo.AddDashboard(static dashboard => dashboard.HideTrace = true);
            if (certificates is not null)
                silo.UseTls(certificates.Set);
            else
                silo.Configure<SiloConnectionOptions>(static connections => connections.ConfigureSiloOutboundConnection(OwnMachine.Demand));
        });
        builder.Services.AddSingleton<ShutOut>();
        builder.Services.AddSingleton<IFatalErrorHandler>(static services => services.GetRequiredService<ShutOut>());
        builder.Services.AddHostedService<FleetWorker>();
    }

    private static void KeepInFile(ISiloBuilder silo, FleetOptions options, StateFile state)
    {
        silo.UseLocalhostClustering(options.MachinePort, options.GatewayPort, null, Cluster, Cluster);
        silo.Services.AddKeyedSingleton<IGrainStorage>("Default", (services, _) =>
        {
            var storage = new LocalStorage(state, services.GetRequiredService<IGrainStorageSerializer>());
            return options.Storage?.Invoke(storage) ?? storage;
        });
        silo.Services.AddSingleton(static services => services.GetRequiredKeyedService<IGrainStorage>("Default"));
    }

    private static void SharePostgres(ISiloBuilder silo, string postgres)
    {
        silo.Services.AddSingleton(_ => new PostgresDatabase(postgres));
        silo.Services.AddSingleton<IMembershipTable, PostgresMembership>();
        silo.Services.AddKeyedSingleton<IGrainStorage>("Default", static (services, _) =>
            new PostgresStorage(services.GetRequiredService<PostgresDatabase>(), services.GetRequiredService<IGrainStorageSerializer>()));
        silo.Services.AddSingleton(static services => services.GetRequiredKeyedService<IGrainStorage>("Default"));
        Share(silo);
    }

    private static void ShareRedis(ISiloBuilder silo, string redis)
    {
        var settings = RedisSettings.Parse(redis);
        silo.UseRedisClustering(clustering => clustering.ConfigurationOptions = settings);
        silo.AddRedisGrainStorageAsDefault(storage => (storage.ConfigurationOptions, storage.DeleteStateOnClear) = (settings, true));
        silo.UseRedisGrainDirectoryAsDefault(directory => directory.ConfigurationOptions = settings);
        Share(silo);
    }

    private static void Share(ISiloBuilder silo)
    {
        silo.Configure<ClusterOptions>(static cluster => cluster.ClusterId = cluster.ServiceId = Cluster);
        silo.Configure<ClusterMembershipOptions>(static membership =>
        {
            // A machine that does not answer for some seconds is given up: its leases are over by then.
            membership.ProbeTimeout = TimeSpan.FromSeconds(2);
            membership.NumMissedProbesLimit = 2;
            membership.TableRefreshTimeout = TimeSpan.FromSeconds(10);
            membership.IAmAliveTablePublishTimeout = TimeSpan.FromSeconds(10);
            membership.DefunctSiloExpiration = TimeSpan.FromHours(1);
            membership.DefunctSiloCleanupPeriod = TimeSpan.FromMinutes(10);
        });
    }
}
