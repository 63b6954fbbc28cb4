using System.Globalization;
using System.Text;
using Codomyrmex.Networking.Cli.Parsing;
using Codomyrmex.Networking.Scanning;

namespace Codomyrmex.Networking.Cli.Commands;

/// <summary>A plan and the scanner's settings, from the options.</summary>
/// <param name="Plan">What is scanned.</param>
/// <param name="Options">How.</param>
/// <param name="Before">The earlier scan to compare with; null for none.</param>
internal sealed record ScanSettings(ScanPlan Plan, PortScannerOptions Options, ScanReport? Before)
{
    private const long LongestList = 64 * 1024 * 1024;
    private static readonly string DefaultPorts = "top:1000";

    public static async Task<ScanSettings> ReadAsync(Invocation run)
    {
        var arguments = run.Arguments;
        var before = arguments.Text(ScanOptions.Diff) is { } earlier ? await ReadReportAsync(earlier, run.Context.Interrupted) : null;
        return new ScanSettings(ReadPlan(arguments, await ReadTargetsAsync(run)), ReadOptions(run), before);
    }

    private static ScanPlan ReadPlan(ParsedArguments arguments, ScanTargets targets)
    {
        foreach (var list in arguments.All(ScanOptions.Exclude))
            targets = ParsedArguments.Checked(ScanOptions.Exclude, list, text => targets.Excluding(text.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries)));
        if (targets.AddressCount == 0 && targets.Names.Count == 0)
            throw new UsageException($"{ScanOptions.Exclude.Name} leaves no target.", ScanOptions.Exclude.Name);
        var shard = arguments.Value(ScanOptions.Shard, ScanShard.Parse) ?? default;
        var seed = arguments.Value(ScanOptions.Seed, static text => ulong.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number)
            ? number : throw new FormatException($"'{text}' is not a whole number from 0 to {ulong.MaxValue}."));
        if (!shard.IsWhole && seed is null)
            throw new UsageException($"{ScanOptions.Shard.Name} needs {ScanOptions.Seed.Name}, the same for all parts.", ScanOptions.Shard.Name);
        return new ScanPlan
        {
            Targets = targets,
            Ports = arguments.Read(ScanOptions.Ports, PortSet.Parse) ?? PortSet.Parse(DefaultPorts),
            Scope = arguments.Read(ScanOptions.Scope, static path => ScanScope.Parse(File.ReadAllText(path))),
            Seed = seed,
            Shard = shard,
            JournalPath = arguments.Text(ScanOptions.Resume) is { } journal ? OutputFile.Demand(journal, ScanOptions.Resume.Name) : null,
            AllowUnresolvedExclusions = arguments.Has(ScanOptions.AllowUnresolved),
        };
    }

    private static PortScannerOptions ReadOptions(Invocation run)
    {
        var arguments = run.Arguments;
        var transport = TransportSettings.Read(run);
        var options = PortScannerOptions.Default with
        {
            Transport = transport,
            Clock = run.Context.Clock,
            ReportAll = arguments.Has(ScanOptions.All),
            ProbesPerSecond = arguments.Value(ScanOptions.Rate, static text => text == "max" ? PortScannerOptions.Unlimited : NumberText.Parse(text, 1, 100_000_000)),
            Mode = arguments.Value(ScanOptions.Mode, Mode) ?? ScanMode.Auto,
            Discovery = arguments.Value(ScanOptions.Discover, Discovery) ?? HostDiscovery.Auto,
            Retries = arguments.Value(ScanOptions.Retries, static text => NumberText.Parse(text, 0, 10)) ?? PortScannerOptions.Default.Retries,
        };
        var (asksServices, asksTls) = (arguments.Has(ScanOptions.Banner), arguments.Has(ScanOptions.Tls));
        if (!asksServices && !asksTls)
            return options;
        var identifier = new ServiceIdentifier(new ServiceIdentifierOptions { Transport = transport, AskServices = asksServices, AskTls = asksTls, Clock = run.Context.Clock });
        return options with { Identify = identifier.IdentifyAsync };
    }

    private static ScanMode Mode(string text) => text switch
    {
        "auto" => ScanMode.Auto,
        "connect" => ScanMode.Connect,
        "syn" => ScanMode.Syn,
        _ => throw new FormatException($"'{text}' is no mode; there are auto, connect and syn."),
    };

    private static HostDiscovery Discovery(string text) => text switch
    {
        "auto" => HostDiscovery.Auto,
        "always" => HostDiscovery.Always,
        "never" => HostDiscovery.Never,
        _ => throw new FormatException($"'{text}' is none of auto, always and never."),
    };

    private static async Task<ScanTargets> ReadTargetsAsync(Invocation run)
    {
        var targets = new List<string>();
        foreach (var text in run.Arguments.Positionals)
        {
            if (text == "-")
            {
                await using var input = run.Context.OpenInput();
                targets.AddRange(await ReadListAsync(input, "standard input", run.Context.Interrupted));
            }
            else if (text.StartsWith('@'))
            {
                await using var file = Open(text[1..], text);
                targets.AddRange(await ReadListAsync(file, text, run.Context.Interrupted));
            }
            else
            {
                targets.Add(text);
            }
        }
        try
        {
            return ScanTargets.Parse(targets);
        }
        catch (FormatException wrong)
        {
            throw new UsageException(wrong.Message, run.Arguments.Positionals[0], wrong);
        }
    }

    /// <summary>Targets in lines, several in one where blanks part them; what follows # is a remark.</summary>
    private static async Task<List<string>> ReadListAsync(Stream stream, string name, CancellationToken cancellationToken)
    {
        var targets = new List<string>();
        using var reader = new StreamReader(stream, new UTF8Encoding(false));
        var length = 0L;
        while (await reader.ReadLineAsync(cancellationToken) is { } line)
        {
            length += line.Length;
            if (length > LongestList)
                throw new UsageException($"{name} is longer than {LongestList / 1024 / 1024}M.", name);
            targets.AddRange(line.Split('#')[0].Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries));
        }
        return targets.Count > 0 ? targets : throw new UsageException($"{name} holds no target.", name);
    }

    private static async Task<ScanReport> ReadReportAsync(string path, CancellationToken cancellationToken)
    {
        await using var file = Open(path, ScanOptions.Diff.Name);
        try
        {
            return await ScanReportFile.ReadAsync(file, cancellationToken);
        }
        catch (FormatException wrong)
        {
            throw new UsageException($"{ScanOptions.Diff.Name}: '{path}': {wrong.Message}", ScanOptions.Diff.Name, wrong);
        }
    }

    private static FileStream Open(string path, string argument)
    {
        try
        {
            return File.OpenRead(path);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException or ArgumentException)
        {
            throw new UsageException($"{argument}: {ParsedArguments.Why(error, path)}", argument, error);
        }
    }
}
