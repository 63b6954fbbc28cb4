using Codomyrmex.Networking.Cli.Commands;
using Codomyrmex.Networking.Cli.Parsing;
using Codomyrmex.Networking.Http;
using Codomyrmex.Networking.Resilience;
using Codomyrmex.Networking.Scanning;
using Codomyrmex.Networking.Transport;

namespace Codomyrmex.Networking.Cli.Mcp;

/// <summary>What all tools share, as the operator set it up: where they may go, what they may cost, which of them there are.</summary>
internal sealed class ToolHost : IAsyncDisposable
{
    public ToolHost(Invocation run)
    {
        var arguments = run.Arguments;
        Run = run;
        Clock = run.Context.Clock;
        Transport = TransportSettings.Read(run);
        CallTime = arguments.Value(McpOptions.Timeout, DurationText.Parse) ?? TimeSpan.FromSeconds(60);
        CallBytes = arguments.Value(McpOptions.MaxCallBytes, NumberText.Size) ?? 4 << 20;
        Budget = new OperatorBudget(
            arguments.Value(McpOptions.MaxRequests, static text => NumberText.Parse(text, 1, int.MaxValue)) ?? 1000,
            arguments.Value(McpOptions.MaxBytes, NumberText.Size) ?? 256L << 20,
            TimeSpan.FromSeconds(arguments.Value(McpOptions.MaxSeconds, static text => NumberText.Parse(text, 1, int.MaxValue)) ?? 3600),
            arguments.Value(McpOptions.MaxHosts, static text => NumberText.Parse(text, 1, int.MaxValue)) ?? 100,
            Clock);
        Pages = new PageStore(arguments.Value(McpOptions.PageChars, static text => NumberText.Parse(text, 200, 10_000_000)) ?? 20_000);
        Ssh = [.. arguments.All(McpOptions.Ssh).Select(text => ParsedArguments.Checked(McpOptions.Ssh, text, SshTarget.Parse))];
        Files = arguments.Read(McpOptions.Files, static path => new FileRoot(path));
        Scope = arguments.Read(ScanOptions.Scope, static path => ScanScope.Parse(File.ReadAllText(path)));
        Timeouts = TransportSettings.ReadTimeouts(arguments) with { Total = CallTime };
        Client = new HTTPClient(new HTTPClientOptions
        {
            UserAgent = $"codonet/{Release.Version} (mcp)",
            Transport = Transport,
            Timeouts = Timeouts,
            // A model is told what failed and whether it was sent, and decides: retries would spend its operator's budget behind its back.
            Retry = RetryOptions.None,
            Clock = Clock,
        });
        Robots = arguments.Has(McpOptions.IgnoreRobots) ? null : new RobotsGate(this);
    }

    /// <summary>The command's own run, for its options.</summary>
    public Invocation Run { get; }

    public TimeProvider Clock { get; }

    public TransportOptions Transport { get; }

    public Timeouts Timeouts { get; }

    /// <summary>How long one call may take.</summary>
    public TimeSpan CallTime { get; }

    /// <summary>How much one call may take in.</summary>
    public long CallBytes { get; }

    public OperatorBudget Budget { get; }

    public PageStore Pages { get; }

    public HTTPClient Client { get; }

    /// <summary>What sites ask of programs; null where the operator does not want to know.</summary>
    public RobotsGate? Robots { get; }

    /// <summary>The hosts that models may run commands on; empty for none.</summary>
    public IReadOnlyList<SshTarget> Ssh { get; }

    /// <summary>The folder that files come from and go to; null for none.</summary>
    public FileRoot? Files { get; }

    /// <summary>What may be scanned; null for nothing.</summary>
    public ScanScope? Scope { get; }

    public ValueTask DisposeAsync() => Client.DisposeAsync();
}
