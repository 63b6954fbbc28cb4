using System.Globalization;
using Codomyrmex.Networking.Cli.Parsing;
using Codomyrmex.Networking.Crawling;
using Codomyrmex.Networking.Http;
using Codomyrmex.Networking.Security;

namespace Codomyrmex.Networking.Cli.Commands;

/// <summary>Turns options into the settings of a crawler.</summary>
internal static class CrawlSettings
{
    public static CrawlerOptions Read(Invocation run, IReadOnlyList<string> seeds)
    {
        var arguments = run.Arguments;
        var politeness = Politeness.Default;
        if (arguments.Value(CrawlOptions.Delay, static text => text == "0" ? TimeSpan.Zero : DurationText.Parse(text)) is { } delay)
            politeness = politeness with { Delay = delay, AutoThrottle = delay > TimeSpan.Zero, MaxDelay = delay > politeness.MaxDelay ? delay : politeness.MaxDelay };
        if (arguments.Value(CrawlOptions.Concurrency, static text => NumberText.Parse(text, 1, 1_000)) is { } concurrency)
            politeness = politeness with { Concurrency = concurrency, TargetConcurrency = Math.Max(1, concurrency / 2.0) };
        return new CrawlerOptions
        {
            Http = ReadHttp(run, seeds),
            Identity = ReadIdentity(arguments),
            Politeness = politeness with { ObeyRobots = !arguments.Has(CrawlOptions.IgnoreRobots) },
            Limits = CrawlLimits.Default with
            {
                Pages = arguments.Value(CrawlOptions.MaxPages, static text => NumberText.Parse(text, 1, int.MaxValue)) ?? 1_000,
                Depth = arguments.Value(CrawlOptions.Depth, static text => NumberText.Parse(text, 0, int.MaxValue)) ?? CrawlLimits.Default.Depth,
                PageBytes = (int)Math.Clamp(arguments.Value(CrawlOptions.MaxSize, NumberText.Size) ?? CrawlLimits.Default.PageBytes, 1, Array.MaxLength),
            },
            Scope = ReadScope(arguments),
            Concurrency = Math.Max(CrawlerOptions.Default.Concurrency, politeness.Concurrency),
            StateFile = arguments.Text(CrawlOptions.State) is { } state ? OutputFile.Demand(state, CrawlOptions.State.Name) : null,
            UseSitemaps = !arguments.Has(CrawlOptions.NoSitemaps),
        };
    }

    private static HTTPClientOptions ReadHttp(Invocation run, IReadOnlyList<string> seeds)
    {
        var transport = TransportSettings.Read(run);
        if (!run.Arguments.Has(ConnectionOptions.Policy))
        {
            // Links are followed without anybody looking: what was not named here may only be on the public internet.
            var policy = EgressPolicy.PublicInternetOnly.Allowing([.. seeds.Select(HostAndPort), .. run.Arguments.All(ConnectionOptions.Allow)]);
            transport = transport with { Policy = policy.Denying([.. run.Arguments.All(ConnectionOptions.Deny)]) };
        }
        return HTTPProfiles.Scrape with { UserAgent = "codonet/" + Release.Version, Transport = transport with { Pool = HTTPProfiles.Scrape.Transport.Pool } };
    }

    private static string HostAndPort(string url)
    {
        var uri = new Uri(url);
        return string.Create(CultureInfo.InvariantCulture, $"{uri.Host}:{uri.Port}");
    }

    private static CrawlIdentity? ReadIdentity(ParsedArguments arguments)
    {
        if (arguments.Has(CrawlOptions.Agent) != arguments.Has(CrawlOptions.Contact))
            throw new UsageException("--agent and --contact belong together: a crawler with a name has somebody to complain to.", CrawlOptions.Agent.Name);
        return arguments.Read(CrawlOptions.Agent, name =>
        {
            var identity = new CrawlIdentity { Name = name, Version = Release.Version, Contact = arguments.Text(CrawlOptions.Contact)! };
            identity.Validate();
            return identity;
        });
    }

    private static CrawlScope ReadScope(ParsedArguments arguments)
    {
        var scope = arguments.Read(CrawlOptions.Scope, static text => text switch
        {
            "origin" => CrawlScope.SeedOrigins,
            "site" => CrawlScope.SeedSites,
            "any" => CrawlScope.Anywhere,
            _ => throw new FormatException($"'{text}' is none of origin, site and any."),
        }) ?? CrawlScope.SeedOrigins;
        scope = scope with { Include = arguments.All(CrawlOptions.Include), Exclude = arguments.All(CrawlOptions.Exclude) };
        return ParsedArguments.Checked(CrawlOptions.Include, "", _ =>
        {
            scope.Validate();
            return scope;
        });
    }
}
