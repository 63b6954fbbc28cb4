namespace Codomyrmex.Networking.Cli.Commands;

/// <summary>What the demonstration shows, in order.</summary>
internal static class DemoSteps
{
    public static IEnumerable<DemoStep> All(Lab lab) =>
        [
            .. DemoRequests.Steps(lab), .. DemoTrouble.Steps(lab), .. DemoTls.Steps(lab), .. DemoPolicy.Steps(lab), .. DemoStreams.Steps(lab),
            .. DemoWebSockets.Steps(lab), .. DemoTcp.Steps(lab), .. DemoUdp.Steps(lab), .. DemoScan.Steps(lab), .. DemoCrawl.Steps(), .. DemoSsh.Steps(lab),
        ];
}
