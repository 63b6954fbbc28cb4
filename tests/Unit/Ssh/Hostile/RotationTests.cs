using Codomyrmex.Networking.Ssh;
using Codomyrmex.Networking.Ssh.Protocol;

namespace Codomyrmex.Networking.Tests.Unit.Ssh.Hostile;

/// <summary>Servers that say that they have other host keys (OpenSSH's PROTOCOL, section 2.5).</summary>
public sealed class RotationTests : IDisposable
{
    private readonly TemporaryDirectory _folder = new();
    private readonly TestAuthority _other = new();

    private string KnownHosts => Path.Combine(_folder.Path, "known_hosts");

    public void Dispose()
    {
        _folder.Dispose();
        _other.Dispose();
    }

    [Fact]
    public async Task Key_that_the_server_proves_is_learnt()
    {
        var after = await AfterAsync(peer => AnswerAsync(peer, (session, key) => _other.Sign(Signed(session, key))), static trust => trust with { FollowRotation = true });
        Assert.EndsWith($" {_other.Key.Text}\n", after);
        Assert.Equal(2, after.Split('\n', StringSplitOptions.RemoveEmptyEntries).Length);
    }

    [Theory]
    [InlineData("another connection")]
    [InlineData("another key")]
    [InlineData("nothing")]
    [InlineData("no")]
    public async Task Key_that_the_server_does_not_prove_is_not_learnt(string proof)
    {
        using var stranger = new TestAuthority();
        await UnchangedAsync(static trust => trust with { FollowRotation = true }, peer => AnswerAsync(peer, (session, key) => proof switch
        {
            "another connection" => _other.Sign(Signed(new byte[32], key)),
            "another key" => stranger.Sign(Signed(session, key)),
            "nothing" => [],
            _ => null,
        }));
    }

    [Fact]
    public Task Nobody_is_followed_unasked() => UnchangedAsync(static trust => trust, UnaskedAsync);

    [Fact]
    public Task Key_that_is_only_pinned_is_never_followed() =>
        UnchangedAsync(static trust => trust with { FollowRotation = true, KnownHostsFiles = trust.KnownHostsFiles }, UnaskedAsync, isPinned: true);

    [Fact]
    public async Task Announcement_that_cannot_be_read_does_no_harm() => await UnchangedAsync(static trust => trust with { FollowRotation = true }, async peer =>
    {
        await peer.SendAsync(new WireWriter().Byte(80).Text("hostkeys-00@openssh.com").Byte(0).Raw([0, 0, 1, 0, 1, 2]));
        await PingAsync(peer);
    });

    /// <summary>Sends the announcement, and answers the question that it is to lead to; null for no.</summary>
    private async Task AnswerAsync(HostilePeer peer, Func<byte[], SshPublicKey, byte[]?> sign)
    {
        await AnnounceAsync(peer);
        var reader = new WireReader(await peer.ReceiveAsync(80));
        _ = reader.Byte();
        Assert.Equal(("hostkeys-prove-00@openssh.com", 1), (reader.Text(), reader.Byte()));
        var asked = SshPublicKey.Parse(reader.String());
        reader.End();
        Assert.Equal(_other.Key, asked);
        await peer.SendAsync(sign(peer.SessionId, asked) is { } signature ? new WireWriter().Byte(81).String(signature) : new WireWriter().Byte(82));
        await PingAsync(peer);
    }

    /// <summary>Sends the announcement, which is to lead to nothing.</summary>
    private async Task UnaskedAsync(HostilePeer peer)
    {
        await AnnounceAsync(peer);
        await PingAsync(peer);
    }

    private async Task AnnounceAsync(HostilePeer peer) =>
        await peer.SendAsync(new WireWriter().Byte(80).Text("hostkeys-00@openssh.com").Byte(0).String(peer.HostKey.Blob).String(_other.Key.Blob));

    /// <summary>Whatever the client had to say before has been said when it answers this.</summary>
    private static async Task PingAsync(HostilePeer peer)
    {
        await peer.SendAsync(new WireWriter().Byte(80).Text("keepalive@openssh.com").Byte(1));
        Assert.Equal([82], await peer.ReceiveAsync());
    }

    private async Task UnchangedAsync(Func<HostKeyTrust, HostKeyTrust> change, Func<HostilePeer, Task> script, bool isPinned = false)
    {
        var after = await AfterAsync(script, change, isPinned);
        Assert.Single(after.Split('\n', StringSplitOptions.RemoveEmptyEntries));
        Assert.DoesNotContain(_other.Key.Text, after);
    }

    private async Task<string> AfterAsync(Func<HostilePeer, Task> script, Func<HostKeyTrust, HostKeyTrust> change, bool isPinned = false)
    {
        var done = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var server = HostileServer.Start(async peer =>
        {
            try
            {
                await peer.LogInByPasswordAsync();
                await script(peer);
                done.TrySetResult();
            }
            catch (Exception error)
            {
                done.TrySetException(error);
            }
        });
        File.WriteAllText(KnownHosts, $"[127.0.0.1]:{server.Port} {server.HostKey.Key.Text}\n");
        var trust = change(new HostKeyTrust { KnownHostsFiles = [KnownHosts], PinnedFingerprints = isPinned ? [server.HostKey.Key.Fingerprint] : [] });
        await using (await server.ConnectAsync(server.Options with { HostKeys = trust }))
            await done.Task.WaitAsync(TimeSpan.FromSeconds(20), TestContext.Current.CancellationToken);
        return File.ReadAllText(KnownHosts);
    }

    private static byte[] Signed(byte[] session, SshPublicKey key) => new WireWriter().Text("hostkeys-prove-00@openssh.com").String(session).String(key.Blob).ToArray();
}
