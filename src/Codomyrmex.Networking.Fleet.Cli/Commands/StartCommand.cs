using Codomyrmex.Networking.Cli;
using Codomyrmex.Networking.Cli.Commands;
using Codomyrmex.Networking.Cli.Rendering;
using Microsoft.Extensions.Logging;

namespace Codomyrmex.Networking.Fleet.Cli.Commands;

/// <summary><c>start</c>: one machine of a fleet, until it is stopped.</summary>
internal static class StartCommand
{
    private static readonly TimeSpan BetweenStarts = TimeSpan.FromSeconds(1);

    public static Command Make() => new("start", "", "start this machine, on its own or in a fleet",
        [FleetOptionTable.Machine, FleetOptionTable.Trust, ConnectionOptions.Permission, GeneralOptions.Group], RunAsync)
    {
        Program = FleetCommands.Program,
        Details =
        [
            "Without --redis or --postgres the machine is a fleet by itself, and keeps its state in a file. With one, it joins those who have the same; machines and programs then show each other certificates " +
            "of one authority, and whoever has one can make the fleet scan.",
            "The egress policy is this machine's own: what a campaign asks beyond it is left out here. With --json, a line tells when the machine is up: " +
            "{\"machine\":\"…\",\"address\":\"127.0.0.1:11111\",\"gateway\":\"127.0.0.1:30000\",\"page\":\"http://127.0.0.1:8600/\"}.",
        ],
        Examples = ["start", "start --redis 10.0.0.5:6379 --listen 10.0.0.7 --cacert ca.pem --cert host.pem --key host.key", "start --state fleet.db --rate 2000 --deny 10.0.0.0/24"],
    };

    private static async Task<int> RunAsync(Invocation run)
    {
        using var loggers = LoggerFactory.Create(logging => logging
            .SetMinimumLevel(LogLevel.Critical)
            .AddFilter("Orleans", run.IsVerbose ? LogLevel.Warning : LogLevel.Critical)
            .AddFilter("Codomyrmex", run.IsQuiet ? LogLevel.Error : LogLevel.Warning)
            .AddFilter("Microsoft", run.IsVerbose ? LogLevel.Warning : LogLevel.Critical)
            .AddConsole(static console => console.LogToStandardErrorThreshold = LogLevel.Trace)
            .AddSimpleConsole(static console => console.SingleLine = true));
        var options = FleetSettings.ReadMachine(run) with { LoggerFactory = loggers };
        var stop = run.Context.Interrupted;
        var node = await StartAsync(run, options, isAgain: run.Context.Environment(ProcessRestart.Variable) is not null);
        Tell(run, options);
        await Task.WhenAny(node.ShutOut, Task.Delay(Timeout.InfiniteTimeSpan, stop));
        if (!stop.IsCancellationRequested)
        {
            if (!run.IsQuiet)
                run.Error.Line("The others have given this machine up; it starts again.").Flush();
            // Who is no longer of the fleet may wait for it forever while it takes leave: the process begins anew instead.
            ProcessRestart.Now();
        }
        await node.DisposeAsync();
        return ExitCodes.Interrupted;
    }

    // A machine that was given up waits for its fleet, which was there before.
    private static async Task<FleetNode> StartAsync(Invocation run, FleetOptions options, bool isAgain)
    {
        while (true)
        {
            try
            {
                return await FleetNode.StartAsync(options, run.Context.Interrupted);
            }
            catch (NetworkException error) when (isAgain && error.Code == ErrorCodes.FleetUnreachable)
            {
                await Task.Delay(BetweenStarts, options.Clock, run.Context.Interrupted);
            }
        }
    }

    private static void Tell(Invocation run, FleetOptions options)
    {
        if (run.IsJson)
        {
            JsonOutput.Write(run.Context.Out, writer =>
            {
                writer.WriteString("machine", options.Name);
                writer.WriteString("address", $"{options.Address}:{options.MachinePort}");
                writer.WriteString("gateway", $"{options.Address}:{options.GatewayPort}");
                if (options.Page is { } page)
                    writer.WriteString("page", $"http://{page}/");
                else
                    writer.WriteNull("page");
            });
        }
        else if (!run.IsQuiet)
        {
            var where = options.StatePath is { } path ? $"its state is in {path}" : options.Redis is null ? "its state is in PostgreSQL" : "its state is in Redis";
            run.Out.Write(options.Name, Style.Bold).Line($" is up at {options.Address}:{options.MachinePort}, for programs at port {options.GatewayPort}; {where}.");
            if (options.Page is { } page)
                run.Out.Line($"http://{page}/", Style.Cyan);
            run.Out.Line("Ctrl-C stops.", Style.Dim).Flush();
        }
    }
}
