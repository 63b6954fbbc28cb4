using Codomyrmex.Networking.Scanning;
using Codomyrmex.Networking.Transport;
using static Codomyrmex.Networking.Tests.Unit.Scanning.SampleReport;

namespace Codomyrmex.Networking.Tests.Unit.Scanning;

/// <summary>Table 5, row 31: what changed between two scans.</summary>
public class ScanDiffTests
{
    private static readonly ServiceInfo Ssh = new() { Name = "ssh", Product = "OpenSSH", Version = "9.2p1", SshHostKeyFingerprint = "SHA256:old" };
    private static readonly ServiceInfo Web = new() { Name = "http", Tls = new TlsFacts("TLS 1.3", "", null, [Certificate()]) };

    [Fact]
    public void Ports_that_opened_and_closed_are_told_in_order()
    {
        var diff = ScanDiff.Between(Of(Port(22, Ssh), Port(80), Port(443, state: PortState.Closed)), Of(Port(80), Port(443, Web), Port(21)));
        Assert.Equal(["192.0.2.7:21/tcp: opened", "192.0.2.7:22/tcp: closed (was ssh OpenSSH 9.2p1)", "192.0.2.7:443/tcp: opened (http+tls)"], diff.Changes.Select(change => change.ToString()));
        Assert.Equal([ScanChangeKind.Opened, ScanChangeKind.Closed, ScanChangeKind.Opened], diff.Changes.Select(change => change.Kind));
        Assert.Equal(0, diff.Uncompared);
        Assert.Empty(ScanDiff.Between(Whole, Whole).Changes);
    }

    [Fact]
    public void Service_certificate_and_host_key_that_changed_are_told()
    {
        var after = Of(
            Port(22, Ssh with { Version = "9.9", SshHostKeyFingerprint = "SHA256:new" }),
            Port(443, Web with { Tls = new TlsFacts("TLS 1.3", "", null, [Certificate(year: 2028)]) }));
        var diff = ScanDiff.Between(Of(Port(22, Ssh), Port(443, Web)), after);
        Assert.Equal([ScanChangeKind.Service, ScanChangeKind.HostKey, ScanChangeKind.Certificate], diff.Changes.Select(change => change.Kind));
        Assert.Contains("ssh OpenSSH 9.2p1 became ssh OpenSSH 9.9", diff.Changes[0].Text);
        Assert.Contains("valid to 2028-01-02", diff.Changes[2].Text);
        // A scan that asked nobody says nothing about services.
        Assert.Empty(ScanDiff.Between(Of(Port(22), Port(443, Web)), Of(Port(22, Ssh), Port(443))).Changes);
    }

    [Fact]
    public void What_only_one_scan_asked_about_is_neither_opened_nor_closed()
    {
        var diff = ScanDiff.Between(Of(Port(22), Port(80)) with { Ports = "22,80" }, Of(Port(80), Port(8080)) with { Ports = "80,8080" });
        Assert.Empty(diff.Changes);
        Assert.Equal(2, diff.Uncompared);
        diff = ScanDiff.Between(Of(Port(22), Port(22, address: "10.0.0.1")) with { Targets = "192.0.2.7 10.0.0.1" }, Of() with { Targets = "192.0.2.7" });
        Assert.Equal(("192.0.2.7:22/tcp: closed", 1), (Assert.Single(diff.Changes).ToString(), diff.Uncompared));
        Assert.Equal(2, ScanDiff.Between(Of(Port(22)) with { Ports = "", Targets = "" }, Of(Port(80)) with { Ports = "", Targets = "" }).Changes.Count);
    }

    [Fact, Trait("Cve", "21")]
    public void What_servers_say_is_escaped_in_a_change()
    {
        var diff = ScanDiff.Between(Of(Port(80, Web)), Of(Port(80, Web with { Product = Hostile, HttpTitle = Hostile })));
        Assert.DoesNotContain('\u001b', Assert.Single(diff.Changes).ToString());
    }
}
