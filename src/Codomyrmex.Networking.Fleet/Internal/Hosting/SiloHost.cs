using System.Net;
using Codomyrmex.Networking.Fleet.Internal.Storage;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Orleans.Configuration;
using Orleans.Storage;

namespace Codomyrmex.Networking.Fleet.Internal.Hosting;

/// <summary>Puts one silo together: where it listens, who its neighbours are, where its grains keep their state.</summary>
internal static class SiloHost
{
    /// <summary>The name of the cluster, and of what it stores.</summary>
    public const string Cluster = "codonet";

    public static IHost Build(FleetOptions options, StateFile state)
    {
        var builder = Host.CreateEmptyApplicationBuilder(null);
        builder.Logging.SetMinimumLevel(LogLevel.Warning);
        builder.Services.AddSingleton<IGrainStorageSerializer, JsonStateSerializer>();
        builder.Services.AddSingleton(state);
        builder.UseOrleans(silo =>
        {
            silo.UseLocalhostClustering(options.SiloPort, options.GatewayPort, null, Cluster, Cluster);
            silo.Configure<EndpointOptions>(endpoints =>
            {
                endpoints.AdvertisedIPAddress = options.Address;
                endpoints.SiloListeningEndpoint = new IPEndPoint(options.Address, options.SiloPort);
                endpoints.GatewayListeningEndpoint = new IPEndPoint(options.Address, options.GatewayPort);
            });
            silo.Services.AddKeyedSingleton<IGrainStorage, LocalStorage>("Default");
            silo.Services.AddSingleton<IGrainStorage>(static services => services.GetRequiredKeyedService<IGrainStorage>("Default"));
        });
        return builder.Build();
    }
}
