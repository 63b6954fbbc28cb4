using Codomyrmex.Networking.Ssh;
using Codomyrmex.Networking.Ssh.Internal;
using Codomyrmex.Networking.Ssh.Protocol;

namespace Codomyrmex.Networking.Tests.Unit.Ssh;

/// <summary>What becomes of a host's lines when it has new keys.</summary>
public class KnownHostsRotationTests
{
    private const string Name = "[server.example]:2222";

    private readonly SshPublicKey _used = Keys.New();
    private readonly SshPublicKey _old = Keys.New();
    private readonly SshPublicKey _fresh = Keys.New(SSHKeyKind.EcdsaP256);

    [Fact]
    public void New_keys_are_added_behind_the_hosts_lines_and_old_ones_go()
    {
        var text = $"# mine\r\nother.example {_old.Text}\n{Name} {_old.Text} first\n{Name} {_used.Text}\n\n@revoked * {Keys.New().Text}\nlast.example {_used.Text}";
        Assert.Equal(
            $"# mine\r\nother.example {_old.Text}\n{Name} {_used.Text}\n{Name} {_fresh.Text}\n\n{text[text.IndexOf("@revoked", StringComparison.Ordinal)..]}",
            After(text, [_used, _fresh]));
    }

    [Fact]
    public void Line_of_several_hosts_stays_for_the_others() =>
        Assert.Equal($"  192.0.2.1,alias {_old.Text} note\n{Name} {_used.Text}\n", After($"  192.0.2.1,{Name},alias {_old.Text} note\n{Name} {_used.Text}\n", [_used]));

    [Fact]
    public void Hashed_host_stays_hashed_and_a_last_line_without_an_end_gets_one()
    {
        var after = After($"{HostNames.Hashed(Name)} {_used.Text}", [_used, _fresh])!.Split('\n');
        Assert.Equal(3, after.Length);
        Assert.All(after[..2], static line => Assert.StartsWith("|1|", line));
        Assert.True(HostNames.Matches(after[1].Split(' ')[0], Name));
        Assert.EndsWith(_fresh.Text, after[1]);
    }

    [Fact]
    public void Nothing_is_done_where_nothing_has_changed() => Assert.Null(Plan($"{Name} {_used.Text}\n", [_used]));

    [Fact]
    public void Server_that_does_not_name_the_key_that_it_uses_is_not_followed() => Assert.Null(Plan($"{Name} {_used.Text}\n", [_fresh]));

    [Fact]
    public void Host_that_is_known_by_a_pattern_or_by_a_signer_or_not_by_itself_is_not_followed()
    {
        using var authority = new TestAuthority();
        Assert.Null(Plan($"*.example,{Name} {_used.Text}\n", [_used, _fresh]));
        Assert.Null(Plan($"@cert-authority * {authority.Key.Text}\n{Name} {_used.Text}\n".Replace("* ", "[*.example]:2222 ", StringComparison.Ordinal), [_used, _fresh]));
        Assert.Null(Plan($"server.example {_used.Text}\n", [_used, _fresh]));
        Assert.Null(Plan("", [_used, _fresh], $"{Name} {_used.Text}\n"));
    }

    [Fact, Trait("Cve", "49")]
    public void Revoked_key_is_not_learnt() => Assert.Null(Plan($"{Name} {_used.Text}\n@revoked * {_fresh.Text}\n", [_used, _fresh]));

    [Fact]
    public void Key_that_another_file_knows_is_not_written_twice_and_stays_there()
    {
        Assert.Null(Plan($"{Name} {_used.Text}\n", [_used, _fresh], $"{Name} {_fresh.Text}\n"));
        Assert.Null(Plan($"{Name} {_used.Text}\n", [_used], $"{Name} {_fresh.Text}\n"));
    }

    [Fact]
    public void Keys_of_kinds_that_are_not_wanted_are_left_out()
    {
        Assert.Null(KnownHostsRotation.Plan(KnownHostsText.Parse($"{Name} {_used.Text}\n", "file"), "file", "server.example", 2222, _used, [_used, _fresh], static key => key.Type == KeyTypes.Ed25519));
    }

    [Fact]
    public void Announcement_is_read_and_bounded()
    {
        using var authority = new TestAuthority();
        var keys = new WireWriter().String(_used.Blob).String(_fresh.Blob).String(_used.Blob).String(Keys.Certify(_old, authority).Blob);
        Assert.Equal([_used, _fresh], HostKeyProof.ReadAnnouncement(keys.Written));
        var many = new WireWriter();
        for (var i = 0; i <= HostKeyProof.MostKeys; i++)
            many.String(_used.Blob);
        Assert.Throws<FormatException>(() => HostKeyProof.ReadAnnouncement(many.Written));
        Assert.Throws<FormatException>(() => HostKeyProof.ReadAnnouncement([0, 0, 0, 9, 1]));
    }

    [Fact]
    public void Proof_is_for_this_connection_and_each_key()
    {
        using var authority = new TestAuthority();
        byte[] session = [1, 2, 3];
        var signature = authority.Sign(new WireWriter().Text("hostkeys-prove-00@openssh.com").String(session).String(authority.Key.Blob).Written);
        var answer = new WireWriter().String(signature).ToArray();
        Assert.True(HostKeyProof.Holds(answer, [authority.Key], session, Keys.Ed25519Holds));
        Assert.False(HostKeyProof.Holds(answer, [authority.Key], [1, 2, 4], Keys.Ed25519Holds));
        Assert.False(HostKeyProof.Holds(answer, [authority.Key, _used], session, Keys.Ed25519Holds));
        Assert.False(HostKeyProof.Holds([.. answer, 0], [authority.Key], session, Keys.Ed25519Holds));
        Assert.False(HostKeyProof.Holds([], [authority.Key], session, Keys.Ed25519Holds));
    }

    [Fact]
    public void File_is_replaced_in_one_step_keeps_its_rights_and_stays_where_its_link_leads()
    {
        using var folder = new TemporaryDirectory();
        var (file, link) = (Path.Combine(folder.Path, "real"), Path.Combine(folder.Path, "known_hosts"));
        File.WriteAllText(file, "before\n");
        if (!OperatingSystem.IsWindows())
            File.SetUnixFileMode(file, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead);
        File.CreateSymbolicLink(link, "real");
        KnownHostsFile.Rewrite(link, static text => text + "after\n");
        Assert.Equal("before\nafter\n", File.ReadAllText(file));
        Assert.Equal("real", new FileInfo(link).LinkTarget);
        if (!OperatingSystem.IsWindows())
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead, File.GetUnixFileMode(file));
        Assert.Equal(2, Directory.GetFiles(folder.Path).Length);

        // What is no text, or no file, stays as it is.
        File.WriteAllBytes(file, [0xFF, (byte)'\n']);
        Assert.Throws<IOException>(() => KnownHostsFile.Rewrite(link, static text => text + "lost\n"));
        Assert.Equal([0xFF, (byte)'\n'], File.ReadAllBytes(file));
        Assert.Throws<IOException>(() => KnownHostsFile.Rewrite("/dev/null", static _ => "lost"));
        File.WriteAllText(file, "before\n");
        Assert.Throws<FormatException>(() => KnownHostsFile.Rewrite(link, static _ => throw new FormatException()));
        Assert.Equal("before\n", File.ReadAllText(file));
    }

    private KnownHostsRotation? Plan(string text, IReadOnlyList<SshPublicKey> announced, string system = "") =>
        KnownHostsRotation.Plan([.. KnownHostsText.Parse(text, "file"), .. KnownHostsText.Parse(system, "system")], "file", "server.example", 2222, _used, announced, static _ => true);

    private string? After(string text, IReadOnlyList<SshPublicKey> announced) => Plan(text, announced)?.Apply(text, isHashed: false);
}
