using System.Net;
using Codomyrmex.Networking.Scanning;
using Codomyrmex.Networking.Scanning.Internal;
using Codomyrmex.Networking.Transport;

namespace Codomyrmex.Networking.Fleet.Internal.Planning;

/// <summary>Makes the document of a plan: names become addresses, leave is asked for, and what an earlier version has not yet is cut into shards.</summary>
internal static class PlanBuilder
{
    private const int PublicRate = 1000;
    private const int PrivateRate = 5000;
    private const int MostShards = 65_536;
    private const int FewestCells = 2048;
    private const int MostCells = 65_536;

    // So that machines of a small fleet end at about the same time.
    private const int ShardsWanted = 64;

    /// <summary>Looks names up, and asks for leave.</summary>
    /// <param name="text">The plan.</param>
    /// <param name="transport">How this machine resolves names.</param>
    /// <param name="clock">The clock.</param>
    /// <param name="cancellationToken">Cancels looking names up.</param>
    /// <exception cref="NetworkException">A name has no address, or nobody has given leave.</exception>
    /// <exception cref="FormatException">A text is malformed.</exception>
    public static async Task<ResolvedPlan> ResolveAsync(PlanText text, TransportOptions transport, TimeProvider clock, CancellationToken cancellationToken)
    {
        var targets = ScanTargets.Parse(text.Targets);
        if (text.Exclusions.Length > 0)
            targets = targets.Excluding(text.Exclusions);
        var plan = new ScanPlan { Targets = targets, Ports = PortSet.Parse(text.Ports), Scope = text.Scope is null ? null : ScanScope.Parse(text.Scope), Seed = text.Seed };
        plan.Validate();
        var options = new PortScannerOptions { Transport = transport with { Policy = Security.EgressPolicy.Parse(text.Policy) }, Clock = clock };
        var (resolved, names) = await new ScanExecution(plan, options).PrepareAsync(cancellationToken);
        return new ResolvedPlan(
            text with { Rate = text.Rate ?? DefaultRate(resolved) }, resolved, plan.Ports, names.ToDictionary(static pair => pair.Key.ToString(), static pair => pair.Value));
    }

    /// <summary>Makes the document.</summary>
    /// <param name="plan">The plan.</param>
    /// <param name="before">The version before; null for the first.</param>
    public static PlanDocument Build(ResolvedPlan plan, PlanDocument? before)
    {
        var document = new PlanDocument
        {
            Version = (before?.Version ?? 0) + 1,
            Text = plan.Text,
            Targets = TextOf(plan.Targets),
            Names = plan.Names,
            Parts = before is null ? [] : [.. before.Parts],
        };
        foreach (var (rest, ports) in Missing(plan.Targets, plan.Ports, document.Parts))
            document.Parts.Add(Cut(rest, ports, plan.Text.PerNetwork is not null));
        return document;
    }

    /// <summary>The addresses as texts, a range each.</summary>
    public static string[] TextOf(ScanTargets targets)
    {
        var texts = new string[targets.Blocks.Blocks.Length];
        for (var i = 0; i < texts.Length; i++)
            texts[i] = targets.Blocks.Blocks[i].ToString();
        return texts;
    }

    private static int DefaultRate(ScanTargets targets)
    {
        var isOwn = true;
        for (var index = 0L; index < targets.AddressCount; index++)
        {
            var address = targets.AddressAt(index);
            if (Security.SpecialUseAddresses.Find(address) is null)
                return PublicRate;
            isOwn = isOwn && IPAddress.IsLoopback(address);
        }
        return isOwn ? PortScannerOptions.Unlimited : PrivateRate;
    }

    /// <summary>What no part has: rectangles of addresses and ports that have nothing in common.</summary>
    private static List<(ScanTargets Targets, PortSet Ports)> Missing(ScanTargets targets, PortSet ports, List<PlanPart> parts)
    {
        var missing = new List<(ScanTargets, PortSet)> { (targets, ports) };
        foreach (var part in parts)
        {
            var known = PortSet.Parse(part.Ports);
            var rest = new List<(ScanTargets, PortSet)>();
            foreach (var (some, someports) in missing)
            {
                // Addresses that the part has not: with all ports. Those that it has: with the ports that it has not.
                var elsewhere = some.Excluding(part.Targets);
                if (elsewhere.AddressCount > 0)
                    rest.Add((elsewhere, someports));
                var shared = elsewhere.AddressCount == 0 ? some : some.Excluding(TextOf(elsewhere));
                var more = someports.Without(known);
                if (shared.AddressCount > 0 && more.Count > 0)
                    rest.Add((shared, more));
            }
            missing = rest;
        }
        return missing;
    }

    private static PlanPart Cut(ScanTargets targets, PortSet ports, bool byNetwork)
    {
        var cells = targets.AddressCount * ports.Count;
        var part = new PlanPart { Targets = TextOf(targets), Ports = ports.ToString(), ByNetwork = byNetwork, Cells = cells, Shards = 1 };
        var units = new PartMap(part, targets, ports).Units;
        var perShard = Math.Clamp(cells / ShardsWanted, FewestCells, MostCells);
        part.Shards = (int)Math.Min(Math.Min(units, MostShards), Math.Max(1, (cells + perShard - 1) / perShard));
        return part;
    }
}
