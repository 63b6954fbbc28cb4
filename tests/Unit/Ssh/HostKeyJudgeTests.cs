using Codomyrmex.Networking.Ssh;
using Codomyrmex.Networking.Ssh.Internal;
using Codomyrmex.Networking.Ssh.Protocol;
using Microsoft.Extensions.Time.Testing;

namespace Codomyrmex.Networking.Tests.Unit.Ssh;

public sealed class HostKeyJudgeTests : IDisposable
{
    private static readonly Endpoint Server = new("server.example", 2222);

    private readonly TemporaryDirectory _folder = new();
    private readonly FakeTimeProvider _clock = new(new DateTimeOffset(2026, 11, 26, 0, 0, 0, TimeSpan.Zero));
    private readonly SshPublicKey _key = Keys.New();
    private readonly SshPublicKey _other = Keys.New();

    private string File => Path.Combine(_folder.Path, "ssh", "known_hosts");

    private HostKeyTrust Trust => new() { KnownHostsFiles = [File] };

    public void Dispose() => _folder.Dispose();

    [Fact, Trait("Cve", "48")]
    public void Unknown_host_is_refused_by_default()
    {
        var error = Refused(Trust, _key);
        Assert.Equal(ErrorCodes.SshHostKeyUnknown, error.Code);
        Assert.Contains(_key.Fingerprint, error.Message);
        Assert.Contains("[server.example]:2222", error.Message);
        Assert.Contains($"[server.example]:2222 {_key.Text}", error.Hint);
        Assert.False(System.IO.File.Exists(File));
    }

    [Fact]
    public void Known_host_is_accepted()
    {
        Write($"[server.example]:2222 {_key.Text}");
        Demand(Trust, _key);
    }

    [Fact]
    public void Changed_key_is_explained_with_both_fingerprints_and_what_to_do()
    {
        Write($"# comment\n[server.example]:2222 {_other.Text}");
        var error = Refused(Trust with { AcceptNew = true }, _key);
        Assert.Equal(ErrorCodes.SshHostKeyChanged, error.Code);
        Assert.Contains(_other.Fingerprint, error.Message);
        Assert.Contains(_key.Fingerprint, error.Message);
        Assert.Contains($"{File}:2", error.Message);
        Assert.Contains($"ssh-keygen -R '[server.example]:2222' -f {File}", error.Hint);
        Assert.Equal(NetworkPhase.Handshake, error.Phase);
    }

    [Fact]
    public void New_host_is_remembered_when_asked_for_and_its_file_is_private()
    {
        Demand(Trust with { AcceptNew = true }, _key);
        Demand(Trust, _key);
        Assert.Equal($"[server.example]:2222 {_key.Text}\n", System.IO.File.ReadAllText(File));
        Assert.Equal(ErrorCodes.SshHostKeyChanged, Refused(Trust with { AcceptNew = true }, _other).Code);
        if (OperatingSystem.IsWindows())
            return;
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, System.IO.File.GetUnixFileMode(File));
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute, System.IO.File.GetUnixFileMode(Path.GetDirectoryName(File)!));
    }

    [Fact]
    public void Remembered_host_goes_behind_a_line_without_an_end_and_may_be_hashed()
    {
        Write($"other.example {_other.Text}");
        Demand(Trust with { AcceptNew = true, HashNewHosts = true }, _key);
        var lines = System.IO.File.ReadAllLines(File);
        Assert.Equal(2, lines.Length);
        Assert.StartsWith("|1|", lines[1]);
        Demand(Trust, _key);
    }

    [Fact]
    public async Task Of_many_that_meet_a_new_host_at_once_one_writes_and_a_second_key_is_refused()
    {
        var trust = Trust with { AcceptNew = true };
        var judges = Enumerable.Range(0, 16).Select(_ => Open(trust)).ToList();
        await Task.WhenAll(judges.Select(judge => Task.Run(() => judge.Demand(_key.Blob), TestContext.Current.CancellationToken)));
        Assert.Single(System.IO.File.ReadAllLines(File));
        var late = Open(trust with { KnownHostsFiles = [Path.Combine(_folder.Path, "another")] });
        Assert.Null(Record.Exception(() => late.Demand(_other.Blob)));

        // Judged on what the file was before somebody else wrote another key into it.
        var slow = Open(trust with { KnownHostsFiles = [Path.Combine(_folder.Path, "third")] });
        System.IO.File.WriteAllText(Path.Combine(_folder.Path, "third"), $"[server.example]:2222 {_other.Text}\n");
        Assert.Equal(ErrorCodes.SshHostKeyChanged, Assert.Throws<SSHException>(() => slow.Demand(_key.Blob)).Code);
    }

    [Fact]
    public void New_host_that_cannot_be_remembered_is_refused()
    {
        var error = Refused(Trust with { AcceptNew = true, KnownHostsFiles = ["/dev/null"] }, _key);
        Assert.Equal(ErrorCodes.SshHostKeyUnverified, error.Code);
    }

    [Fact]
    public void Pinned_fingerprint_counts_instead_of_files_but_not_over_a_revocation()
    {
        var pinned = Trust with { PinnedFingerprints = [_other.Fingerprint, _key.Fingerprint + "="] };
        Demand(pinned, _key);
        Write($"[server.example]:2222 {_other.Text}");
        Demand(pinned, _key);
        var error = Refused(Trust with { PinnedFingerprints = [_other.Fingerprint] }, _key);
        Assert.Equal(ErrorCodes.SshHostKeyChanged, error.Code);
        Assert.Contains(_other.Fingerprint, error.Message);
        Assert.Contains(_key.Fingerprint, error.Message);
        Write($"@revoked * {_key.Text}");
        Assert.Equal(ErrorCodes.SshHostKeyRevoked, Refused(pinned, _key).Code);
    }

    [Fact]
    public void Good_certificate_of_a_known_signer_is_accepted_and_another_is_not()
    {
        using var authority = new TestAuthority();
        Write($"@cert-authority *.example {authority.Key.Text}");
        Demand(Trust, Keys.Certify(_key, authority));
        Demand(Trust with { KnownHostsFiles = [], PinnedFingerprints = [authority.Key.Fingerprint] }, Keys.Certify(_key, authority));
        var expired = Refused(Trust with { AcceptNew = true }, Keys.Certify(_key, authority, new() { ValidBefore = 1000 }));
        Assert.Equal(ErrorCodes.SshHostKeyUnverified, expired.Code);
        Assert.Contains("expired", expired.Message);
        Assert.Contains(authority.Key.Fingerprint, expired.Message);
        using var stranger = new TestAuthority();
        Assert.Equal(ErrorCodes.SshHostKeyUnknown, Refused(Trust, Keys.Certify(_key, stranger)).Code);
    }

    [Fact, Trait("Cve", "48")]
    public void Whatever_fails_while_a_key_is_judged_is_a_refusal()
    {
        Write($"[server.example]:2222 {_key.Text}");
        using var authority = new TestAuthority();
        Write($"@cert-authority * {authority.Key.Text}");
        var judge = HostKeyJudge.Open(Trust, Server, new BrokenClock(), Keys.Ed25519Holds);
        Assert.Equal(ErrorCodes.SshHostKeyUnverified, Assert.Throws<SSHException>(() => judge.Demand(Keys.Certify(_key, authority).Blob)).Code);
        Assert.Equal(ErrorCodes.SshHostKeyUnverified, Assert.Throws<SSHException>(() => judge.Demand([])).Code);
        Assert.Equal(ErrorCodes.SshHostKeyUnverified, Assert.Throws<SSHException>(() => judge.Demand([1, 2, 3])).Code);
        // A folder stands where the file is expected.
        Assert.Equal(ErrorCodes.SshHostKeyUnverified, Assert.Throws<SSHException>(() => Open(Trust with { KnownHostsFiles = [_folder.Path] })).Code);
    }

    [Fact]
    public void Weak_host_key_is_refused_even_where_it_is_known()
    {
        var weak = Keys.NewRsa(1024);
        Write($"[server.example]:2222 {weak.Text}");
        Assert.Contains("1024 bits", Refused(Trust, weak).Message);
        Demand(Trust with { MinimumRsaBits = 1024 }, weak);
    }

    [Fact]
    public void Any_key_is_accepted_only_under_a_name_that_says_so()
    {
        Write($"[server.example]:2222 {_other.Text}");
        Demand(Trust with { InsecureAcceptAnyHostKey = true }, _key);
        Assert.False(HostKeyTrust.Default.InsecureAcceptAnyHostKey || HostKeyTrust.Default.AcceptNew);
    }

    [Fact]
    public void Alias_is_looked_up_without_a_port()
    {
        Write($"behind-the-tunnel {_key.Text}");
        Demand(Trust with { HostKeyAlias = "behind-the-tunnel" }, _key);
        Assert.Equal(ErrorCodes.SshHostKeyUnknown, Refused(Trust, _key).Code);
    }

    [Theory]
    [InlineData("*")]
    [InlineData("web,*")]
    [InlineData("|1|web")]
    public void Alias_that_would_be_about_other_hosts_is_a_wrong_argument(string alias) =>
        Assert.Contains("HostKeyAlias", Assert.ThrowsAny<ArgumentException>(() => new HostKeyTrust { HostKeyAlias = alias }.Validate()).Message);

    [Fact]
    public void Algorithms_of_known_keys_come_first_and_certificates_only_where_they_help()
    {
        string[] offered = ["ssh-ed25519-cert-v01@openssh.com", "ssh-ed25519", "ecdsa-sha2-nistp256", "rsa-sha2-512", "rsa-sha2-256"];
        Assert.Equal(offered[1..], Open(Trust).Order(offered));
        Write($"[server.example]:2222 {Keys.NewRsa(2048).Text}");
        Assert.Equal(["rsa-sha2-512", "rsa-sha2-256", "ssh-ed25519", "ecdsa-sha2-nistp256"], Open(Trust).Order(offered));
        using var authority = new TestAuthority();
        Write($"@cert-authority *.example {authority.Key.Text}");
        Assert.Equal(offered, Open(Trust).Order(offered));
    }

    [Theory]
    [InlineData("MD5:00:11")]
    [InlineData("SHA256:short")]
    [InlineData("SHA256:!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!")]
    public void Malformed_pin_is_a_wrong_argument(string pin) =>
        Assert.Contains("PinnedFingerprints", Assert.Throws<ArgumentException>(() => Open(Trust with { PinnedFingerprints = [pin] })).Message);

    private void Write(string text)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(File)!);
        System.IO.File.WriteAllText(File, text);
    }

    private HostKeyJudge Open(HostKeyTrust trust) => HostKeyJudge.Open(trust, Server, _clock, Keys.Ed25519Holds);

    private void Demand(HostKeyTrust trust, SshPublicKey key) => Open(trust).Demand(key.Blob);

    private SSHException Refused(HostKeyTrust trust, SshPublicKey key) => Assert.Throws<SSHException>(() => Demand(trust, key));

    private sealed class BrokenClock : TimeProvider
    {
        public override DateTimeOffset GetUtcNow() => throw new InvalidOperationException("no time");
    }
}
