using System.Globalization;
using System.Net;
using System.Text.Json;
using Codomyrmex.Networking.Cli.Commands;
using Codomyrmex.Networking.Scanning;
using Codomyrmex.Networking.Security;

namespace Codomyrmex.Networking.Cli.Rendering;

/// <summary>Shows what a scan would do. Nothing is sent for it, so names are not resolved: their addresses are checked when the scan runs.</summary>
internal static class ScanPlanDocument
{
    private const int MostChecked = 65_536;
    private const int PrivateRate = 5000;
    private const int PublicRate = 1000;

    public static void Write(Invocation run, ScanSettings settings)
    {
        var plan = settings.Plan;
        var rate = Rate(settings);
        // A name has one address at least.
        var probes = (plan.Targets.AddressCount + plan.Targets.Names.Count) * plan.Ports.Count / plan.Shard.Count;
        var least = rate is { } most ? TimeSpan.FromSeconds((double)probes / most) : (TimeSpan?)null;
        var refusals = Refusals(plan, run.Context.Clock.GetUtcNow());
        if (run.IsJson)
        {
            JsonOutput.Write(run.Context.Out, writer =>
            {
                writer.WriteStartObject("plan");
                WriteMembers(writer, settings, probes, rate, least, refusals);
                writer.WriteEndObject();
            });
            return;
        }
        var table = new Table();
        foreach (var (name, text) in Rows(settings, probes, rate, least))
            table.Row((name, Style.Bold), (text, Style.Plain));
        table.WriteTo(run.Out);
        foreach (var refusal in refusals)
            run.Out.Write("refused  ", Style.Red).Line(refusal);
        run.Out.Line("Nothing was sent.", Style.Dim).Flush();
    }

    private static IEnumerable<(string Name, string Text)> Rows(ScanSettings settings, long probes, int? rate, TimeSpan? least)
    {
        var (plan, options) = (settings.Plan, settings.Options);
        yield return ("targets", plan.Targets.ToString());
        yield return ("addresses", string.Create(CultureInfo.InvariantCulture, $"{plan.Targets.AddressCount:N0}{(plan.Targets.Names.Count > 0 ? $", and those of {(plan.Targets.Names.Count == 1 ? "a name" : $"{plan.Targets.Names.Count:N0} names")}" : "")}"));
        if (plan.Targets.ExcludedNames.Count > 0)
            yield return ("without", string.Join(' ', plan.Targets.ExcludedNames));
        yield return ("ports", string.Create(CultureInfo.InvariantCulture, $"{plan.Ports} ({plan.Ports.Tcp.Count:N0} of TCP, {plan.Ports.Udp.Count:N0} of UDP)"));
        yield return ("probes", string.Create(CultureInfo.InvariantCulture, $"{probes:N0}, and repeats where nothing answers"));
        yield return ("rate", rate is null ? "as fast as the network carries it" : string.Create(CultureInfo.InvariantCulture, $"{rate:N0} probes a second at most"));
        if (least is { } time)
            yield return ("time", $"{Milliseconds.Text(time)} at least");
        yield return ("mode", options.Mode switch { ScanMode.Syn => "SYN", ScanMode.Connect => "connect", _ => "SYN where this process may send raw packets, else connect" });
        yield return ("order", $"random{(plan.Seed is { } seed ? string.Create(CultureInfo.InvariantCulture, $", by the seed {seed}") : "")}; popular ports first where no host is looked for");
        if (!plan.Shard.IsWhole)
            yield return ("shard", plan.Shard.ToString());
        yield return ("scope", Scope(plan));
        if (options.Identify is not null)
            yield return ("services", "open ports are asked what listens there");
        if (plan.JournalPath is { } journal)
            yield return ("resume", journal);
    }

    private static void WriteMembers(Utf8JsonWriter writer, ScanSettings settings, long probes, int? rate, TimeSpan? least, IReadOnlyList<string> refusals)
    {
        var plan = settings.Plan;
        writer.WriteString("targets", plan.Targets.ToString());
        writer.WriteNumber("addresses", plan.Targets.AddressCount);
        WriteList(writer, "names", plan.Targets.Names);
        WriteList(writer, "excludedNames", plan.Targets.ExcludedNames);
        writer.WriteString("ports", plan.Ports.ToString());
        writer.WriteNumber("tcpPorts", plan.Ports.Tcp.Count);
        writer.WriteNumber("udpPorts", plan.Ports.Udp.Count);
        writer.WriteNumber("probes", probes);
        if (rate is { } number)
            writer.WriteNumber("ratePerSecond", number);
        else
            writer.WriteNull("ratePerSecond");
        writer.WriteMs("leastMs", least);
        writer.WriteString("mode", settings.Options.Mode.ToString().ToLowerInvariant());
        if (plan.Seed is { } seed)
            writer.WriteNumber("seed", seed);
        else
            writer.WriteNull("seed");
        writer.WriteString("shard", plan.Shard.ToString());
        writer.WriteString("scope", Scope(plan));
        WriteList(writer, "refused", refusals);
    }

    private static void WriteList(Utf8JsonWriter writer, string name, IEnumerable<string> items)
    {
        writer.WriteStartArray(name);
        foreach (var item in items)
            writer.WriteStringValue(item);
        writer.WriteEndArray();
    }

    private static string Scope(ScanPlan plan)
    {
        if (plan.Scope is not { } scope)
            return $"none: this machine, private networks and at most {ScanPlan.PublicAddressesWithoutScope} public addresses";
        var text = $"{(scope.Name.Length == 0 ? "" : scope.Name + ": ")}{string.Join(' ', scope.Allow)}{(scope.Deny.Count == 0 ? "" : " without " + string.Join(' ', scope.Deny))}";
        text += scope.Ports is { } ports ? $", ports {ports}" : "";
        text += scope.From is { } from ? string.Create(CultureInfo.InvariantCulture, $", from {from:u}") : "";
        return text + (scope.Until is { } until ? string.Create(CultureInfo.InvariantCulture, $", until {until:u}") : "");
    }

    /// <summary>The rate that the scanner keeps to; null for none. Of targets of several kinds, that of the slowest.</summary>
    private static int? Rate(ScanSettings settings)
    {
        if (settings.Options.ProbesPerSecond is { } given)
            return given == PortScannerOptions.Unlimited ? null : given;
        var targets = settings.Plan.Targets;
        // Where a name leads is not known without asking.
        if (targets.Names.Count > 0)
            return PublicRate;
        IPAddress[] ends = [targets.AddressAt(0), targets.AddressAt(targets.AddressCount - 1)];
        return ends.All(IPAddress.IsLoopback) ? null : ends.All(static end => SpecialUseAddresses.Find(end) is not null) ? PrivateRate : PublicRate;
    }

    /// <summary>What the scope refuses, as far as it can be told without asking anybody.</summary>
    private static List<string> Refusals(ScanPlan plan, DateTimeOffset now)
    {
        var refusals = new List<string>();
        if (plan.Scope is not { } scope)
            return refusals;
        if (scope.CheckTime(now) is { IsAllowed: false, Rule: { } late })
            refusals.Add(late);
        foreach (var name in plan.Targets.Names)
        {
            if (scope.CheckHost(name) is { IsAllowed: false, Rule: { } rule })
                refusals.Add($"{name}: {rule}");
        }
        string? last = null;
        for (var i = 0L; i < Math.Min(plan.Targets.AddressCount, MostChecked); i++)
        {
            var address = plan.Targets.AddressAt(i);
            var rule = scope.CheckAddress(address.ToString(), address, plan.Ports) is { IsAllowed: false, Rule: { } why } ? why : null;
            // One line for a run of addresses that one rule refuses.
            if (rule is not null && rule != last)
                refusals.Add($"{address} and what follows: {rule}");
            last = rule;
        }
        if (plan.Targets.AddressCount > MostChecked)
            refusals.Add($"addresses beyond the first {MostChecked} were not checked here; the scan checks them");
        return refusals;
    }
}
