using System.Globalization;
using System.Net;
using Codomyrmex.Networking.Cli;
using Codomyrmex.Networking.Cli.Commands;
using Codomyrmex.Networking.Cli.Parsing;

namespace Codomyrmex.Networking.Fleet.Cli.Commands;

/// <summary>Turns options into the library's.</summary>
internal static class FleetSettings
{
    private static readonly IPEndPoint DefaultPage = new(IPAddress.Loopback, 8600);

    public static FleetOptions ReadMachine(Invocation run)
    {
        var arguments = run.Arguments;
        var redis = ReadRedis(run);
        if (redis is not null && arguments.Has(FleetOptionTable.State))
            throw new UsageException("--state and --redis exclude each other: the state is in the one or in the other.", FleetOptionTable.State.Name);
        var options = new FleetOptions
        {
            Redis = redis,
            StatePath = redis is null ? arguments.Text(FleetOptionTable.State) ?? "codonet-fleet.db" : null,
            Address = arguments.Read(FleetOptionTable.Listen, IPAddress.Parse) ?? IPAddress.Loopback,
            MachinePort = arguments.Value(FleetOptionTable.Port, Port) ?? 11111,
            GatewayPort = arguments.Value(FleetOptionTable.GatewayPort, Port) ?? 30000,
            Page = arguments.Text(FleetOptionTable.Page) == "off" ? null : arguments.Read(FleetOptionTable.Page, ParseEndPoint) ?? DefaultPage,
            Name = arguments.Text(FleetOptionTable.Name) ?? Environment.MachineName,
            ProbesPerSecond = arguments.Value(FleetOptionTable.MachineRate, static text => NumberText.Parse(text, 1, 100_000_000)),
            Policy = TransportSettings.Read(run).Policy,
            Tls = ReadTls(run),
            Clock = run.Context.Clock,
        };
        return Validated(options, options.Validate);
    }

    public static FleetClientOptions ReadClient(Invocation run)
    {
        var options = new FleetClientOptions { Redis = ReadRedis(run), Tls = ReadTls(run) };
        if (run.Arguments.Read(FleetOptionTable.Gateway, ParseEndPoint) is { } gateway)
            options = options with { Gateway = gateway };
        return Validated(options, options.Validate);
    }

    public static async Task<CampaignPlan> ReadPlanAsync(Invocation run, bool hasId)
    {
        var arguments = run.Arguments;
        var settings = await ScanSettings.ReadAsync(hasId ? WithoutFirst(run) : run);
        var plan = new CampaignPlan
        {
            Targets = settings.Plan.Targets,
            Ports = settings.Plan.Ports,
            Scope = settings.Plan.Scope,
            Seed = settings.Plan.Seed,
            Policy = settings.Options.Transport.Policy,
            ProbesPerSecond = settings.Options.ProbesPerSecond,
            ProbesPerSecondPerHost = arguments.Value(FleetOptionTable.PerHost, Rate),
            ProbesPerSecondPerNetwork = arguments.Value(FleetOptionTable.PerNetwork, Rate),
            Mode = settings.Options.Mode,
            Discovery = settings.Options.Discovery,
            Retries = settings.Options.Retries,
            Name = arguments.Text(FleetOptionTable.Title) ?? "",
        };
        return Validated(plan, plan.Validate);
    }

    public static CrawlPlan ReadCrawl(Invocation run)
    {
        var seeds = run.Arguments.Positionals;
        foreach (var seed in seeds)
        {
            if (!Uri.TryCreate(seed, UriKind.Absolute, out var url) || url.Scheme is not ("http" or "https") || url.UserInfo.Length > 0)
                throw new UsageException($"'{seed}' is no URL to begin at: write http://host/path or https://host/path, without a user.", seed);
        }
        var settings = CrawlSettings.Read(run, seeds);
        var plan = new CrawlPlan
        {
            Seeds = seeds,
            Scope = settings.Scope,
            Limits = settings.Limits,
            Politeness = settings.Politeness,
            Policy = settings.Http.Transport.Policy,
            Identity = settings.Identity,
            UserAgent = settings.Http.UserAgent,
            UseSitemaps = settings.UseSitemaps,
            Name = run.Arguments.Text(FleetOptionTable.Title) ?? "",
        };
        return Validated(plan, plan.Validate);
    }

    /// <summary>The same run without its first positional: what follows are targets.</summary>
    private static Invocation WithoutFirst(Invocation run)
    {
        var rest = new ParsedArguments();
        foreach (var option in run.Command.Groups.SelectMany(static group => group.Options))
        {
            foreach (var value in run.Arguments.All(option))
                rest.Add(option, value);
        }
        foreach (var target in run.Arguments.Positionals.Skip(1))
            rest.Add(target);
        return new Invocation(run.Command, rest, run.Context);
    }

    private static string? ReadRedis(Invocation run)
    {
        if (run.Arguments.Text(FleetOptionTable.Redis) is not { } server)
        {
            return run.Arguments.Has(FleetOptionTable.RedisTls) ? throw new UsageException("--redis-tls needs --redis HOST:PORT.", FleetOptionTable.RedisTls.Name) : null;
        }
        if (AddressText.TryParseEndpoint(server) is null || server.Contains(','))
            throw new UsageException($"--redis: '{server}' is not HOST:PORT.", FleetOptionTable.Redis.Name);
        var password = run.Context.Environment("CODONET_REDIS_PASSWORD");
        if (password?.Contains(',') == true)
            throw new UsageException("CODONET_REDIS_PASSWORD: a password with a comma cannot be given here.", "CODONET_REDIS_PASSWORD");
        return server + (string.IsNullOrEmpty(password) ? "" : ",password=" + password) + (run.Arguments.Has(FleetOptionTable.RedisTls) ? ",ssl=true" : "");
    }

    private static FleetTls? ReadTls(Invocation run)
    {
        var files = ((Option[])[FleetOptionTable.CaCert, FleetOptionTable.Cert, FleetOptionTable.Key]).Select(option => (Option: option, Path: run.Arguments.Text(option))).ToList();
        if (files.TrueForAll(static file => file.Path is null))
            return null;
        if (files.Find(static file => file.Path is null) is { Option: { } missing })
            throw new UsageException($"{missing.Name} is missing: --cacert, --cert and --key belong together.", missing.Name);
        foreach (var (option, path) in files)
        {
            if (!File.Exists(path))
                throw new UsageException($"{option.Name}: there is no file '{path}'.", option.Name);
        }
        return new FleetTls { AuthorityPath = files[0].Path!, CertificatePath = files[1].Path!, KeyPath = files[2].Path! };
    }

    private static int Port(string text) => NumberText.Parse(text, 1, 65535);

    private static int Rate(string text) => NumberText.Parse(text, 1, 100_000_000);

    private static IPEndPoint ParseEndPoint(string text) => IPEndPoint.TryParse(text, out var point) && point.Port != 0
        ? point
        : throw new FormatException(string.Create(CultureInfo.InvariantCulture, $"'{text}' is not ADDR:PORT."));

    private static T Validated<T>(T options, Action validate)
    {
        try
        {
            validate();
            return options;
        }
        catch (ArgumentException wrong)
        {
            throw new UsageException(wrong.Message, wrong.ParamName ?? "", wrong);
        }
    }
}
