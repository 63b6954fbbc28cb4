using Codomyrmex.Networking.Cli.Commands;

namespace Codomyrmex.Networking.Fleet.Cli.Commands;

/// <summary>The commands of <c>codonet-fleet</c>.</summary>
internal static class FleetCommands
{
    public const string Program = "codonet-fleet";

    public static readonly CommandSet All = new(Program, "scans, crawls and agents over many machines", ["start", "scan", "replan", "crawl", "status", "findings", "pages", "pause", "resume", "cancel", "forget", "agents", "call"], Find);

    private static Command? Find(string name) => name switch
    {
        "start" => StartCommand.Make(),
        "scan" => CampaignCommand.Make(),
        "replan" => ReplanCommand.Make(),
        "crawl" => FleetCrawlCommand.Make(),
        "status" => StatusCommand.Make(),
        "findings" => FindingsCommand.Make(),
        "pages" => PagesCommand.Make(),
        "pause" => StateCommand.Make("pause", "let a campaign or a crawl rest: within a second or so nothing more is sent", "paused", static (fleet, id, stop) => fleet.PauseAsync(id, stop)),
        "resume" => StateCommand.Make("resume", "let a campaign or a crawl that rests go on", "running", static (fleet, id, stop) => fleet.ResumeAsync(id, stop)),
        "cancel" => StateCommand.Make("cancel", "end a campaign or a crawl; what was found is kept", "cancelled", static (fleet, id, stop) => fleet.CancelAsync(id, stop)),
        "forget" => ForgetCommand.Make(),
        "agents" => AgentsCommand.Make(),
        "call" => CallCommand.Make(),
        _ => null,
    };
}
