using Codomyrmex.Networking.Cli.Commands;
using Codomyrmex.Networking.Cli.Rendering;
using Codomyrmex.Networking.Scanning;
using Codomyrmex.Networking.Ssh;
using Codomyrmex.Networking.Transport;

namespace Codomyrmex.Networking.Cli.Mcp.Tools;

/// <summary><c>dns_lookup</c>, <c>scan_ports</c>, <c>explain</c> and <c>next_page</c>: what only looks.</summary>
internal static class LookTools
{
    private const int MostResults = 2000;
    private const long MostProbes = 100_000;

    // A name may be asked for that may be connected to at one of these.
    private static readonly int[] Ports = [443, 80, 53];

    private static readonly string[] Types = ["A", "AAAA", "CNAME", "MX", "TXT", "NS", "SOA", "SRV", "PTR", "CAA", "HTTPS", "SVCB"];

    public static Tool Dns { get; } = new("dns_lookup", "DNS look-up",
        "Asks the operator's name server for records of a name that the egress policy allows.",
        ToolHints.ReadOnly | ToolHints.Idempotent | ToolHints.OpenWorld,
        [
            new("name", ParameterKind.Text, "the name; for PTR an address") { IsRequired = true, Most = 255 },
            new("type", ParameterKind.Text, "the type of records; A where it is left out") { Choices = Types },
        ],
        """
        "name":{"type":"string"},"type":{"type":"string"},"server":{"type":"string"},"records":{"type":"array","items":{"type":"object","properties":{"name":{"type":"string"},"type":{"type":"string"},"ttl":{"type":"integer"},"data":{"type":"string"}}}}
        """, DnsAsync);

    public static Tool Explain { get; } = new("explain", "Explain a connection",
        "Takes a connection apart, layer by layer (names, addresses, TCP, TLS and its certificates, HTTP), and says where time goes and what breaks.",
        ToolHints.ReadOnly | ToolHints.Idempotent | ToolHints.OpenWorld,
        [
            new("target", ParameterKind.Text, "an http or https URL, or HOST:PORT") { IsRequired = true, Most = 8192 },
            new("tls", ParameterKind.Flag, "speak TLS to HOST:PORT"),
        ],
        """
        "target":{"type":"string"},"ok":{"type":"boolean"},"layers":{"type":"array","items":{"type":"object"}}
        """, ExplainAsync);

    public static Tool NextPage { get; } = new("next_page", "Next page",
        "Returns the next page of a long answer, by the nextCursor of the page before. Nothing is fetched again.",
        ToolHints.ReadOnly | ToolHints.Idempotent,
        [new("cursor", ParameterKind.Text, "the nextCursor of the page before") { IsRequired = true, Most = 64 }],
        "", static run => Task.FromResult(new ToolAnswer { Page = run.Host.Pages.Next(run.Arguments.Required("cursor")), WasSent = WasSent.Never }))
    { IsCharged = false };

    public static Tool Scan(ScanScope scope) => new("scan_ports", "Scan ports",
        $"Finds open TCP and UDP ports within what the operator allows to be scanned{(scope.Name.Length > 0 ? $" ({scope.Name})" : "")}: {string.Join(", ", scope.Allow)}. Anything else is refused.",
        ToolHints.ReadOnly | ToolHints.Idempotent | ToolHints.OpenWorld,
        [
            new("targets", ParameterKind.Texts, "names, addresses, networks such as 192.0.2.0/28") { IsRequired = true, Most = 64 },
            new("ports", ParameterKind.Text, "such as 22,80,443, 1-1024, u:53 or top:100, which is taken where it is left out") { Most = 2000 },
            new("services", ParameterKind.Flag, "ask open ports what listens there"),
        ],
        """
        "open":{"type":"array","items":{"type":"object"}},"summary":{"type":"object"},"complete":{"type":"boolean"}
        """, ScanAsync);

    private static async Task<ToolAnswer> DnsAsync(ToolRun run)
    {
        var name = run.Arguments.Required("name").TrimEnd('.');
        var type = Enum.Parse<DnsRecordType>(run.Arguments.Text("type") ?? "A");
        if (type == DnsRecordType.PTR && !System.Net.IPAddress.TryParse(name, out _))
            throw new UsageException("PTR is asked for by the address itself, such as 192.0.2.7, so that the policy can judge it.", "name");
        // A question tells the name server what is asked for: a name that may not be connected to may not be told either. Names of services stand below it (RFC 8552).
        var asked = name;
        while (asked.StartsWith('_') && asked.Contains('.', StringComparison.Ordinal))
            asked = asked[(asked.IndexOf('.', StringComparison.Ordinal) + 1)..];
        var policy = run.Host.Transport.Policy;
        var decision = HttpTools.Checked(() => policy.CheckTarget(null, asked, Ports[0]));
        if (!decision.IsAllowed && !Ports.Any(port => policy.CheckTarget(null, asked, port).IsAllowed))
            return ToolAnswer.Refused(ErrorCodes.PolicyDenied, $"The egress policy denies {name}: {decision.Rule}.");
        run.Lease.SpendHost(asked);
        var resolver = run.Host.Transport.Resolver.Server is { } server ? new DnsServerResolver(server, run.Host.Clock) : DnsServerResolver.System(run.Host.Clock);
        DnsAnswer answer;
        try
        {
            answer = await resolver.QueryAsync(name, type, run.Cancelled);
        }
        catch (ArgumentException wrong)
        {
            throw new UsageException(RequestReader.WithoutParameter(wrong), "name", wrong);
        }
        run.Lease.Spend(answer.Records.Sum(static record => record.Data.Length));
        if (answer.Records.Any(record => record.Address is { } address && !Ports.Any(port => policy.CheckAddress(null, asked, address, port).IsAllowed)))
            return ToolAnswer.Refused(ErrorCodes.PolicyDenied, $"The egress policy denies where {name} leads.") with { WasSent = WasSent.Yes };
        return new ToolAnswer
        {
            Result = writer =>
            {
                writer.WriteString("name", answer.Name);
                writer.WriteString("type", answer.Type.ToString());
                writer.WriteString("server", answer.Server.ToString());
                writer.WriteStartArray("records");
                foreach (var record in answer.Records)
                {
                    writer.WriteStartObject();
                    writer.WriteString("name", record.Name);
                    writer.WriteString("type", record.Type.ToString());
                    writer.WriteNumber("ttl", (long)record.TimeToLive.TotalSeconds);
                    writer.WriteString("data", record.Data);
                    writer.WriteEndObject();
                }
                writer.WriteEndArray();
            },
        };
    }

    private static async Task<ToolAnswer> ExplainAsync(ToolRun run)
    {
        var target = ExplainTarget.Parse(run.Arguments.Required("target"), run.Arguments.Flag("tls"));
        run.Lease.SpendHost(target.Endpoint.Host);
        // Strangers are not told who runs this server.
        target = target with { User = target.User ?? "codonet" };
        var explanation = await Explanation.MakeAsync(new ExplainQuestion(target, new SSHClientOptions { Transport = run.Host.Transport, Timeouts = run.Host.Timeouts }, run.Host.Clock, run.Cancelled));
        var answer = explanation.Failure is { } failure ? ToolAnswer.Of(failure, run.Host.Clock.GetUtcNow()) with { IsError = false } : new ToolAnswer();
        return answer with { Result = writer => ExplainDocument.Write(writer, explanation) };
    }

    private static async Task<ToolAnswer> ScanAsync(ToolRun run)
    {
        var arguments = run.Arguments;
        var plan = HttpTools.Checked(() => new ScanPlan
        {
            Targets = ScanTargets.Parse(arguments.Texts("targets")),
            Ports = PortSet.Parse(arguments.Text("ports") ?? "top:100"),
            Scope = run.Host.Scope,
        });
        foreach (var name in plan.Targets.Names)
            run.Lease.SpendHost(name);
        var probes = Math.Max(1, plan.Targets.AddressCount + plan.Targets.Names.Count) * plan.Ports.Count;
        if (probes > MostProbes)
            throw new UsageException($"That is {probes} ports to ask; a call may ask {MostProbes}. Ask for fewer targets or ports.", "targets");
        var options = PortScannerOptions.Default with { Transport = run.Host.Transport, Clock = run.Host.Clock, Mode = ScanMode.Connect };
        if (arguments.Flag("services"))
            options = options with { Identify = new ServiceIdentifier(new ServiceIdentifierOptions { Transport = run.Host.Transport, AskTls = true, Clock = run.Host.Clock }).IdentifyAsync };
        ScanRun scan;
        var results = new List<PortResult>();
        try
        {
            scan = new PortScanner(options).ScanStreamAsync(plan, run.Cancelled);
            await foreach (var result in scan.WithCancellation(run.Cancelled))
            {
                if (results.Count < MostResults)
                    results.Add(result);
                run.Progress.Report(scan.Statistics.PortsDone, scan.Statistics.Ports, null);
            }
        }
        catch (ArgumentException wrong)
        {
            throw new UsageException(RequestReader.WithoutParameter(wrong), "targets", wrong);
        }
        return new ToolAnswer
        {
            Result = writer =>
            {
                writer.WriteStartArray("open");
                foreach (var result in results)
                {
                    writer.WriteStartObject();
                    ScanJson.WriteMembers(writer, result);
                    writer.WriteEndObject();
                }
                writer.WriteEndArray();
                writer.WriteStartObject("summary");
                ScanJson.WriteSummary(writer, scan.ReportOf(results));
                writer.WriteEndObject();
                writer.WriteBoolean("complete", scan.Summary.IsComplete && results.Count < MostResults);
            },
        };
    }
}
