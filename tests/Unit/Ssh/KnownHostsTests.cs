using Codomyrmex.Networking.Ssh;
using Codomyrmex.Networking.Ssh.Protocol;

namespace Codomyrmex.Networking.Tests.Unit.Ssh;

public class KnownHostsTests
{
    private static readonly SshPublicKey Key = Keys.New();
    private static readonly SshPublicKey Other = Keys.New();
    private static readonly SshPublicKey Ecdsa = Keys.New(SSHKeyKind.EcdsaP256);

    [Theory]
    [InlineData("server.example", 22, "server.example")]
    [InlineData("SERVER.example", 22, "server.example")]
    [InlineData("server.example", 22, "SERVER.EXAMPLE")]
    [InlineData("server.example", 2222, "[server.example]:2222")]
    [InlineData("server.example", 22, "other.example,server.example,192.0.2.7")]
    [InlineData("server.example", 22, "*.example")]
    [InlineData("server.example", 22, "s?rver.*")]
    [InlineData("server.example", 22, "!bad.example,*.example")]
    [InlineData("192.0.2.7", 22, "192.0.2.*")]
    [InlineData("2001:db8::1", 22, "2001:db8::1")]
    [InlineData("2001:db8::1", 2222, "[2001:db8::1]:2222")]
    [InlineData("server.example", 2222, "server.example")]
    [InlineData("server.example", 2222, "*")]
    public void Host_is_found_by_its_names(string host, int port, string names) =>
        Assert.IsType<HostKeyFinding.Match>(Find($"{names} {Key.Text} comment", host, port));

    [Theory]
    [InlineData("server.example", 22, "server.example.org")]
    [InlineData("server.example", 22, "[server.example]:2222")]
    [InlineData("server.example", 2223, "[server.example]:2222")]
    [InlineData("bad.example", 22, "!bad.example,*.example")]
    [InlineData("bad.example", 22, "*.example,!bad.example")]
    [InlineData("server.example", 22, "!server.example")]
    [InlineData("server.example", 22, "erver.example")]
    [InlineData("server.example", 22, "server.exampl")]
    [InlineData("server.example", 22, "# server.example")]
    public void Host_is_not_found_by_others(string host, int port, string names) =>
        Assert.IsType<HostKeyFinding.Unknown>(Find($"{names} {Key.Text}", host, port));

    [Fact]
    public void Hashed_host_is_found_and_tells_nothing()
    {
        var line = KnownHostsText.Format("server.example", 2222, Key, isHashed: true);
        Assert.DoesNotContain("server", line);
        Assert.IsType<HostKeyFinding.Match>(Find(line, "server.example", 2222));
        Assert.IsType<HostKeyFinding.Unknown>(Find(line, "server.example", 2223));
        Assert.NotEqual(line, KnownHostsText.Format("server.example", 2222, Key, isHashed: true));
        // ssh-keygen -H made this of "server.example".
        var other = HostNames.Matches("|1|F1E1KeoE/eEWhi10WpGv4OdiO6Y=|3988QV0VE8wmZL7suNrYQLITLCg=", "192.168.1.61");
        Assert.True(other);
    }

    [Fact]
    public void Changed_key_is_told_with_what_is_known()
    {
        var changed = Assert.IsType<HostKeyFinding.Changed>(Find($"# first\n\nserver.example {Other.Text}\r\n", "server.example", 22));
        Assert.Equal(("file:3", Other), (changed.Known[0].Place, changed.Known[0].Key));
    }

    [Fact]
    public void Host_known_by_another_type_of_key_alone_has_changed() =>
        Assert.IsType<HostKeyFinding.Changed>(Find($"server.example {Ecdsa.Text}", "server.example", 22));

    [Fact]
    public void One_of_several_known_keys_is_enough() =>
        Assert.IsType<HostKeyFinding.Match>(Find($"server.example {Ecdsa.Text}\nserver.example {Other.Text}\nserver.example {Key.Text}", "server.example", 22));

    [Theory, Trait("Cve", "49")]
    [InlineData("@revoked server.example {key}")]
    [InlineData("@revoked * {key}")]
    [InlineData("server.example {key}\n@revoked * {key}")]
    [InlineData("@revoked *.example {key}\nserver.example {key}")]
    [InlineData("[server.example]:2222 {key}\n@revoked server.example {key}")]
    public void Revoked_key_wins_over_all_else(string file) =>
        Assert.IsType<HostKeyFinding.Revoked>(Find(file.Replace("{key}", Key.Text, StringComparison.Ordinal), "server.example", 2222));

    [Fact, Trait("Cve", "49")]
    public void Certificate_of_a_revoked_signer_or_for_a_revoked_key_is_revoked()
    {
        using var authority = new TestAuthority();
        var certificate = Keys.Certify(Key, authority);
        var trusted = $"@cert-authority *.example {authority.Key.Text}";
        Assert.IsType<HostKeyFinding.Certified>(Find(trusted, "server.example", 22, certificate));
        Assert.IsType<HostKeyFinding.Revoked>(Find($"{trusted}\n@revoked * {authority.Key.Text}", "server.example", 22, certificate));
        Assert.IsType<HostKeyFinding.Revoked>(Find($"{trusted}\n@revoked * {Key.Text}", "server.example", 22, certificate));
    }

    [Fact]
    public void Revoked_key_of_another_host_does_not_matter() =>
        Assert.IsType<HostKeyFinding.Match>(Find($"@revoked other.example {Key.Text}\nserver.example {Key.Text}", "server.example", 22));

    [Fact]
    public void Certificate_counts_by_its_signer_or_by_its_own_key()
    {
        using var authority = new TestAuthority();
        var certificate = Keys.Certify(Key, authority);
        Assert.IsType<HostKeyFinding.Certified>(Find($"@cert-authority *.example {authority.Key.Text}", "server.example", 2222, certificate));
        Assert.IsType<HostKeyFinding.Unknown>(Find($"@cert-authority *.org {authority.Key.Text}", "server.example", 22, certificate));
        Assert.IsType<HostKeyFinding.Match>(Find($"server.example {Key.Text}", "server.example", 22, certificate));
        Assert.IsType<HostKeyFinding.Unknown>(Find($"@cert-authority *.example {authority.Key.Text}", "server.example", 22, Key));
        Assert.IsType<HostKeyFinding.Unknown>(Find($"@cert-authority *.example {authority.Key.Text}", "server.example", 22, authority.Key));
    }

    [Theory, Trait("Cve", "48")]
    [InlineData("server.example ssh-ed25519 AAAA")]
    [InlineData("server.example ssh-ed25519")]
    [InlineData("server.example")]
    [InlineData("*.example ecdsa-sha2-nistp256 {key}")]
    [InlineData("|1|short|hash {key}")]
    [InlineData("@revokd server.example {other}\nserver.example {key}")]
    [InlineData("@revoked server.example ssh-ed25519 AAAA\nserver.example {key}")]
    [InlineData("@revoked\nserver.example {key}")]
    public void Line_that_cannot_be_read_and_may_be_about_the_host_is_no_leave(string file)
    {
        var text = file.Replace("{key}", Key.Text, StringComparison.Ordinal).Replace("{other}", Other.Text, StringComparison.Ordinal);
        var lost = Assert.IsType<HostKeyFinding.Unreadable>(Find(text, "server.example", 22));
        Assert.NotNull(lost.Line.Problem);
        Assert.Equal(1, lost.Line.Number);
    }

    [Theory]
    [InlineData("other.example ssh-ed25519 AAAA\nserver.example {key}")]
    [InlineData("server.example ssh-ed25519 AAAA\nserver.example {key}")]
    [InlineData("server.example 1024 35 1234567890\nserver.example {key}")]
    [InlineData("\uFEFFserver.example {key}")]
    [InlineData("  \tserver.example\t\t {key}  \r\n")]
    public void Line_that_takes_nothing_away_does_no_harm(string file) =>
        Assert.IsType<HostKeyFinding.Match>(Find(file.Replace("{key}", Key.Text, StringComparison.Ordinal), "server.example", 22));

    [Fact]
    public void Types_of_known_keys_are_asked_for_first()
    {
        var lines = KnownHostsText.Parse($"server.example {Ecdsa.Text}\n[server.example]:2222 {Key.Text}\n@cert-authority *.test {Other.Text}", "file");
        Assert.Equal(["ecdsa-sha2-nistp256"], KnownHostsCheck.TypesOf(lines, "server.example", 22));
        Assert.Equal(["ssh-ed25519"], KnownHostsCheck.TypesOf(lines, "server.example", 2222));
        Assert.Equal(["ecdsa-sha2-nistp256"], KnownHostsCheck.TypesOf(lines, "server.example", 2223));
        Assert.Empty(KnownHostsCheck.TypesOf(lines, "host.test", 22));
        Assert.True(KnownHostsCheck.HasAuthority(lines, "host.test", 2222));
        Assert.False(KnownHostsCheck.HasAuthority(lines, "server.example", 22));
    }

    [Fact, Trait("Cve", "18")]
    public void Patterns_take_time_in_proportion()
    {
        var start = TimeProvider.System.GetTimestamp();
        Assert.False(NamePattern.Matches(string.Concat(Enumerable.Repeat("*a", 1000)) + "b", new string('a', 10_000)));
        Assert.True(TimeProvider.System.GetElapsedTime(start) < TimeSpan.FromSeconds(2));
    }

    private static HostKeyFinding Find(string file, string host, int port, SshPublicKey? key = null) =>
        KnownHostsCheck.Of(KnownHostsText.Parse(file, "file"), host, port, key ?? Key);
}
