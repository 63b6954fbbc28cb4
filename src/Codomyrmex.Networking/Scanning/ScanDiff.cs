using System.Net;
using Codomyrmex.Networking.Scanning.Internal;

namespace Codomyrmex.Networking.Scanning;

/// <summary>What changed between two scans: ports opened and closed, services, certificates, host keys. Immutable.</summary>
public sealed class ScanDiff
{
    private ScanDiff(List<ScanChange> changes, int uncompared)
    {
        Changes = changes;
        Uncompared = uncompared;
    }

    /// <summary>The changes, by address, protocol and port.</summary>
    public IReadOnlyList<ScanChange> Changes { get; }

    /// <summary>
    /// Open ports that only one of the scans asked about, and of which nothing is said therefore: what was not asked is neither opened nor closed. A scan that does
    /// not tell what it asked is taken to have asked about everything.
    /// </summary>
    public int Uncompared { get; }

    /// <summary>Compares two scans.</summary>
    /// <param name="before">The earlier.</param>
    /// <param name="after">The later.</param>
    public static ScanDiff Between(ScanReport before, ScanReport after)
    {
        ArgumentNullException.ThrowIfNull(before);
        ArgumentNullException.ThrowIfNull(after);
        var (old, now) = (Open(before), Open(after));
        var (wasAsked, isAsked) = (Asked(before), Asked(after));
        var changes = new List<ScanChange>();
        var uncompared = 0;
        foreach (var key in old.Keys.Union(now.Keys).OrderBy(static key => IPBits.From(key.Item1), AddressOrder.Instance).ThenBy(static key => (key.Item2, key.Item3)))
        {
            var (one, other) = (old.GetValueOrDefault(key), now.GetValueOrDefault(key));
            if (one is not null && other is not null)
                changes.AddRange(Differences(one, other));
            else if (!(one is null ? wasAsked : isAsked)((one ?? other)!))
                uncompared++;
            else
                changes.Add(one is null
                    ? new ScanChange(ScanChangeKind.Opened, null, other, other!.Service is { } service ? $"opened ({service})" : "opened")
                    : new ScanChange(ScanChangeKind.Closed, one, null, one.Service is { } gone ? $"closed (was {gone})" : "closed"));
        }
        return new ScanDiff(changes, uncompared);
    }

    private static IEnumerable<ScanChange> Differences(PortResult before, PortResult after)
    {
        // Where one of the scans asked nobody, there is nothing to compare.
        if (before.Service is not { } old || after.Service is not { } now)
            yield break;
        if (Told(old) != Told(now))
            yield return new ScanChange(ScanChangeKind.Service, before, after, Printable.Text($"{Told(old)} became {Told(now)}", 500));
        if (old.SshHostKeyFingerprint is { } oldKey && now.SshHostKeyFingerprint is { } key && oldKey != key)
            yield return new ScanChange(ScanChangeKind.HostKey, before, after, Printable.Text($"host key {oldKey} became {key}"));
        if (old.Tls is { Chain: [var oldLeaf, ..] } && now.Tls is { Chain: [var leaf, ..] } && Told(oldLeaf) != Told(leaf))
            yield return new ScanChange(ScanChangeKind.Certificate, before, after, Printable.Text($"certificate {Told(oldLeaf)} became {Told(leaf)}", 500));
    }

    private static string Told(ServiceInfo service) => string.Join(' ', new[] { service.Name, service.Product, service.Version, service.HttpTitle is { } title ? $"\"{title}\"" : null }.Where(static part => !string.IsNullOrEmpty(part)));

    private static string Told(Transport.CertificateFacts certificate) => $"{certificate.Subject}, valid to {certificate.NotAfter:u}{(certificate.Pin.Length == 0 ? "" : $", key {certificate.Pin}")}";

    private static Dictionary<(IPAddress, PortProtocol, int), PortResult> Open(ScanReport report)
    {
        var open = new Dictionary<(IPAddress, PortProtocol, int), PortResult>();
        foreach (var result in report.Results.Where(static result => result.State == PortState.Open))
            open.TryAdd((result.Address, result.Protocol, result.Port), result);
        return open;
    }

    /// <summary>Whether a scan asked about a port, as far as it tells.</summary>
    private static Func<PortResult, bool> Asked(ScanReport report)
    {
        var ports = PortSet.TryParse(report.Ports, out var set) ? set : null;
        ScanTargets? targets = null;
        try
        {
            targets = ScanTargets.Parse(report.Targets.Split(' ', StringSplitOptions.RemoveEmptyEntries));
        }
        catch (FormatException)
        {
            // Another scanner's spelling, or none.
        }
        return port => (ports is null || (port.Protocol == PortProtocol.Udp ? ports.Udp : ports.Tcp).Contains(port.Port)) &&
            (targets is null || targets.Contains(port.Address) || targets.Names.Count > 0);
    }
}
