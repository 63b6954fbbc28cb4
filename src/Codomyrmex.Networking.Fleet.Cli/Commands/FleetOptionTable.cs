using Codomyrmex.Networking.Cli.Commands;
using Codomyrmex.Networking.Cli.Parsing;

namespace Codomyrmex.Networking.Fleet.Cli.Commands;

/// <summary>The options of <c>codonet-fleet</c>; those of scans and crawls are <c>codonet</c>'s.</summary>
internal static class FleetOptionTable
{
    public static readonly Option Redis = new("--redis", "HOST:PORT", "the Redis that the machines share; a password is in CODONET_REDIS_PASSWORD");
    public static readonly Option RedisTls = new("--redis-tls", null, "TLS to Redis, whose certificate the system must trust");
    public static readonly Option Postgres = new("--postgres", "SETTINGS", "the PostgreSQL that the machines share: 'Host=…;Database=…;Username=…'; password in CODONET_POSTGRES_PASSWORD");
    public static readonly Option Gateway = new("--gateway", "ADDR:PORT", "a machine of the fleet, where nothing is shared (default 127.0.0.1:30000)");
    public static readonly Option CaCert = new("--cacert", "FILE", "the certificate of the fleet's own authority: only what it has signed is trusted") { IsFile = true };
    public static readonly Option Cert = new("--cert", "FILE", "the certificate to show, in PEM") { IsFile = true };
    public static readonly Option Key = new("--key", "FILE", "its private key, in PEM and without a password") { IsFile = true };
    public static readonly OptionGroup Connection = new("Fleet", [Redis, RedisTls, Postgres, Gateway, CaCert, Cert, Key]);

    public static readonly Option State = new("--state", "FILE", "where a machine on its own keeps its state (default codonet-fleet.db)") { IsFile = true };
    public static readonly Option Listen = new("--listen", "ADDR", "the address to listen at, by which others reach it (default 127.0.0.1; any other needs TLS)");
    public static readonly Option Port = new("--port", "N", "the port for other machines (default 11111)");
    public static readonly Option GatewayPort = new("--gateway-port", "N", "the port for programs (default 30000)");
    public static readonly Option Page = new("--page", "ADDR:PORT|off", "where a browser finds the fleet (default 127.0.0.1:8600)");
    public static readonly Option Name = new("--name", "NAME", "what people call the machine (default: its host name)");
    public static readonly Option MachineRate = new("--rate", "N", "probes a second that this machine sends at most, of all campaigns together");
    public static readonly OptionGroup Machine = new("Machine", [State, Redis, RedisTls, Postgres, Listen, Port, GatewayPort, Page, Name, MachineRate]);
    public static readonly OptionGroup Trust = new("TLS", [CaCert, Cert, Key]);

    public static readonly Option Title = new("--name", "NAME", "what people call it");
    public static readonly Option PerHost = new("--per-host", "N", "probes a second to one address at most");
    public static readonly Option PerNetwork = new("--per-network", "N", "probes a second to one network at most: an IPv4 /24, an IPv6 /64");
    public static readonly Option Detach = new("--detach", null, "begin it and return at once");
    public static readonly OptionGroup What = new("What", [ScanOptions.Ports, ScanOptions.Exclude, ScanOptions.Scope, ScanOptions.Seed, Title]);
    public static readonly OptionGroup How = new("How", [ScanOptions.Rate, PerHost, PerNetwork, ScanOptions.Mode, ScanOptions.Discover, ScanOptions.Retries]);
    public static readonly OptionGroup Services = new("Services", [ScanOptions.Banner, ScanOptions.Tls]);
    public static readonly OptionGroup CrawlWhat = new("What", [CrawlOptions.Scope, CrawlOptions.Include, CrawlOptions.Exclude, CrawlOptions.MaxPages, CrawlOptions.Depth, CrawlOptions.MaxSize, Title]);
    public static readonly OptionGroup CrawlHow = new("How", [CrawlOptions.Delay, CrawlOptions.Concurrency, CrawlOptions.Agent, CrawlOptions.Contact, CrawlOptions.NoSitemaps, CrawlOptions.IgnoreRobots]);
    public static readonly OptionGroup Watching = new("Watching", [Detach]);

    public static readonly Option Follow = new("--follow", null, "go on with what is found until it is over");
    public static readonly OptionGroup Reading = new("Reading", [Follow]);

    public static readonly Option Watch = new("--watch", null, "show it again every second until interrupted");
    public static readonly OptionGroup Looking = new("Looking", [Watch]);

    public static readonly Option All = new("--all", null, "everything that is over");
    public static readonly OptionGroup Forgetting = new("Forget", [All]);

    public static readonly Option Timeout = new("--timeout", "D", "how long to wait for the answer, finding the agent included: 500ms, 10s, 2m (default 100s)");
    public static readonly Option Stream = new("--stream", null, "the method answers item by item: show each as it comes");
    public static readonly Option Notify = new("--notify", null, "tell, and wait for no answer");
    public static readonly OptionGroup Calling = new("Call", [Timeout, Stream, Notify]);
}
