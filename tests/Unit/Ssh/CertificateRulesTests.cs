using Codomyrmex.Networking.Ssh.Protocol;

namespace Codomyrmex.Networking.Tests.Unit.Ssh;

public class CertificateRulesTests
{
    private static readonly DateTimeOffset Now = new(2026, 11, 26, 0, 0, 0, TimeSpan.Zero);
    private static readonly ulong Seconds = (ulong)Now.ToUnixTimeSeconds();

    [Fact]
    public void Good_certificate_has_no_problem() => Assert.Null(Problem(new()));

    [Fact]
    public void Names_may_have_wildcards_and_any_case()
    {
        Assert.Null(Problem(new() { Principals = ["other.example", "*.EXAMPLE"] }));
        Assert.Contains("it is for other.example", Problem(new() { Principals = ["other.example"] }));
    }

    [Fact]
    public void Certificate_without_names_is_good_for_no_host() => Assert.Contains("names no host", Problem(new() { Principals = [] }));

    [Fact]
    public void Certificate_for_users_is_none_for_hosts() => Assert.Contains("not for hosts", Problem(new() { Kind = 1 }));

    [Fact]
    public void Time_of_validity_is_kept_to_the_second()
    {
        Assert.Null(Problem(new() { ValidAfter = Seconds, ValidBefore = Seconds + 1 }));
        Assert.Contains("not valid before 2026-11-26 00:00:01Z", Problem(new() { ValidAfter = Seconds + 1 }));
        Assert.Contains("expired at 2026-11-26 00:00:00Z", Problem(new() { ValidBefore = Seconds }));
    }

    [Fact]
    public void Critical_option_that_is_not_known_is_an_end() => Assert.Contains("'force-command'", Problem(new() { CriticalOptions = ["force-command"] }));

    [Fact]
    public void Changed_certificate_has_a_wrong_signature()
    {
        using var authority = new TestAuthority();
        var blob = Keys.Certify(Keys.New(), authority).Blob;
        var at = blob.AsSpan().IndexOf("id of a test"u8);
        blob[at] ^= 1;
        var changed = SshPublicKey.Parse(blob).Certificate!;
        Assert.Contains("signature is wrong", CertificateRules.ProblemForHost(changed, "server.example", Now, 2048, Keys.Ed25519Holds));
    }

    [Fact]
    public void Certificate_that_signs_a_certificate_is_not_read()
    {
        using var authority = new TestAuthority();
        var certificate = Keys.Certify(authority.Key, authority);
        var blob = new WireWriter().Text("ssh-ed25519-cert-v01@openssh.com").String(new byte[32]).String(new byte[32]).Raw(new byte[8]).UInt32(2).Text("").String([])
            .Raw(new byte[16]).String([]).String([]).String([]).String(certificate.Blob).String([]).ToArray();
        Assert.Throws<FormatException>(() => SshPublicKey.Parse(blob));
    }

    private static string? Problem(TestCertificate facts)
    {
        using var authority = new TestAuthority();
        var certificate = Keys.Certify(Keys.New(), authority, facts).Certificate!;
        return CertificateRules.ProblemForHost(certificate, "server.example", Now, 2048, Keys.Ed25519Holds);
    }
}
