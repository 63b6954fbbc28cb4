using Codomyrmex.Networking.Ssh;

namespace Codomyrmex.Networking.Tests.Unit.Ssh.Hostile;

/// <summary>Credentials that are for one host key alone (features, section 9, 13).</summary>
public class BoundCredentialTests
{
    private static readonly string Stranger = Keys.New().Fingerprint;

    [Fact]
    public async Task Password_is_not_shown_to_a_host_with_another_key()
    {
        await using var server = HostileServer.Start(static peer => peer.LogInByPasswordAsync());
        var error = await server.RefusedAsync(server.Options with { Credentials = [SSHCredential.Password("the canary").OnlyFor(Stranger)] });
        Assert.Equal((ErrorCodes.SshAuthentication, WasSent.Never, false), (error.Code, error.WasSent, error.IsTransient));
        Assert.Contains(server.HostKey.Key.Fingerprint, error.Message);
        Assert.Contains(Stranger, error.Message);
        Assert.DoesNotContain("canary", error.ToString());
        Assert.False(server.WasAskedForAuthentication);
    }

    [Fact]
    public async Task It_is_also_not_shown_where_any_key_is_accepted()
    {
        await using var server = HostileServer.Start(static peer => peer.LogInByPasswordAsync());
        await server.RefusedAsync(server.Options with { HostKeys = new HostKeyTrust { InsecureAcceptAnyHostKey = true }, Credentials = [SSHCredential.Password("the canary").OnlyFor(Stranger)] });
        Assert.False(server.WasAskedForAuthentication);
    }

    [Fact]
    public async Task Host_that_it_is_for_gets_it_and_the_others_of_the_list_stay_here()
    {
        string? shown = null;
        await using var server = HostileServer.Start(async peer =>
        {
            await peer.HandshakeAsync();
            await peer.ReceiveAsync(5);
            await peer.SendAsync(new Networking.Ssh.Protocol.WireWriter().Byte(6).Text("ssh-userauth"));
            await peer.ReceiveAsync(50);
            await peer.SendAsync(new Networking.Ssh.Protocol.WireWriter().Byte(51).Text("password").Byte(0));
            shown = System.Text.Encoding.UTF8.GetString(await peer.ReceiveAsync(50));
            await peer.SendAsync(new Networking.Ssh.Protocol.WireWriter().Byte(52));
        });
        await using var client = await server.ConnectAsync(server.Options with
        {
            Credentials = [SSHCredential.Password("not this").OnlyFor(Stranger), SSHCredential.Password("but this").OnlyFor(Stranger, server.HostKey.Key.Fingerprint + "=")],
        });
        Assert.EndsWith("but this", shown);
    }

    [Fact]
    public void Bound_twice_is_for_what_both_name_and_nothing_secret_prints()
    {
        var other = Keys.New().Fingerprint;
        var bound = SSHCredential.Password("the canary").OnlyFor(Stranger, other).OnlyFor(other);
        Assert.DoesNotContain("canary", bound.ToString());
        Assert.EndsWith($"for {other} alone", bound.ToString());
    }

    [Theory]
    [InlineData("MD5:00:11")]
    [InlineData("SHA256:short")]
    [InlineData("")]
    public void Wrong_fingerprint_is_a_wrong_argument(string fingerprint)
    {
        Assert.Throws<ArgumentException>(() => SSHCredential.Agent().OnlyFor(fingerprint));
        Assert.Throws<ArgumentException>(() => SSHCredential.Agent().OnlyFor());
    }
}
