using System.Net.Sockets;
using Codomyrmex.Networking.Ssh.Internal;
using Codomyrmex.Networking.Ssh.Protocol;

namespace Codomyrmex.Networking.Tests.Unit.Ssh;

public sealed class AgentTests : IDisposable
{
    private readonly TemporaryDirectory _folder = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private string SocketPath => Path.Combine(_folder.Path, "agent");

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Keys_are_listed_and_those_of_no_use_left_out()
    {
        var key = Keys.New();
        var answer = new WireWriter().Byte(12).UInt32(2).String(key.Blob).Text("mine").String([0, 0, 0, 9, 1]).Text("broken");
        var identities = await AskAsync(answer, agent => agent.ListAsync(Token));
        Assert.Equal([("mine", key)], identities.Select(identity => (identity.Comment, identity.Key)));
    }

    [Fact, Trait("Cve", "53")]
    public async Task Signature_must_be_by_the_algorithm_asked_for()
    {
        var rsa = Keys.NewRsa(2048);
        var good = new WireWriter().Text("rsa-sha2-512").String(new byte[256]).ToArray();
        Assert.Equal(good, await AskAsync(new WireWriter().Byte(14).String(good), agent => agent.SignAsync(rsa, "data"u8.ToArray(), "rsa-sha2-512", Token)));
        var old = new WireWriter().Text("ssh-rsa").String(new byte[256]).ToArray();
        var error = await Assert.ThrowsAsync<SSHException>(() => AskAsync(new WireWriter().Byte(14).String(old), agent => agent.SignAsync(rsa, "data"u8.ToArray(), "rsa-sha2-512", Token)));
        Assert.Equal(ErrorCodes.SshAgent, error.Code);
        Assert.Contains("'ssh-rsa'", error.Message);
    }

    [Fact]
    public void RSA_is_asked_for_SHA_2_by_flags()
    {
        var rsa = Keys.NewRsa(2048);
        Assert.Equal([0, 0, 0, 4], AgentMessages.Sign(rsa.Blob, "data"u8, "rsa-sha2-512")[^4..]);
        Assert.Equal([0, 0, 0, 2], AgentMessages.Sign(rsa.Blob, "data"u8, "rsa-sha2-256-cert-v01@openssh.com")[^4..]);
        Assert.Equal([0, 0, 0, 0], AgentMessages.Sign(rsa.Blob, "data"u8, "ssh-ed25519")[^4..]);
    }

    [Theory]
    [InlineData(new byte[] { 5 }, "refuses to list")]
    [InlineData(new byte[] { 99 }, "message of type 99")]
    [InlineData(new byte[] { 12 }, "ends too early")]
    [InlineData(new byte[] { 12, 255, 255, 255, 255 }, "4294967295 keys")]
    [InlineData(new byte[] { 12, 0, 0, 0, 1, 255, 255, 255, 255 }, "where 0 are left")]
    [InlineData(new byte[] { 12, 0, 0, 0, 0, 7 }, "1 bytes follow")]
    public async Task Answer_that_breaks_the_protocol_is_an_error(byte[] answer, string message)
    {
        var error = await Assert.ThrowsAsync<SSHException>(() => AskAsync(new WireWriter().Raw(answer), agent => agent.ListAsync(Token)));
        Assert.Equal(ErrorCodes.SshAgent, error.Code);
        Assert.Contains(message, error.Message);
    }

    [Fact]
    public async Task Answer_that_is_too_long_or_cut_is_an_error()
    {
        foreach (var raw in (byte[][])[[0xFF, 0xFF, 0xFF, 0xFF], [0, 0, 0, 0], [0, 0, 0, 9, 12], [0]])
            Assert.Equal(ErrorCodes.SshAgent, (await Assert.ThrowsAsync<SSHException>(() => AskRawAsync(raw, agent => agent.ListAsync(Token)))).Code);
    }

    [Fact]
    public async Task Agent_that_is_not_there_is_an_error_with_what_to_check()
    {
        var error = await Assert.ThrowsAsync<SSHException>(() => Client().ListAsync(Token));
        Assert.Equal(ErrorCodes.SshAgent, error.Code);
        Assert.Contains("SSH_AUTH_SOCK", error.Hint);
    }

    [Fact]
    public async Task Agent_that_says_nothing_is_given_up()
    {
        using var listener = Listen();
        var clock = new Microsoft.Extensions.Time.Testing.FakeTimeProvider();
        var listing = new AgentClient(SocketPath, AgentClient.DefaultLimit, clock).ListAsync(Token);
        using var connection = await listener.AcceptAsync(Token);
        await connection.ReceiveAsync(new byte[5], SocketFlags.None, Token);
        clock.Advance(TimeSpan.FromSeconds(61));
        Assert.Contains("did not answer within 60 s", (await Assert.ThrowsAsync<SSHException>(() => listing)).Message);
    }

    private AgentClient Client() => new(SocketPath, AgentClient.DefaultLimit, TimeProvider.System);

    private Task<T> AskAsync<T>(WireWriter answer, Func<AgentClient, Task<T>> ask) => AskRawAsync(new WireWriter().String(answer.Written).ToArray(), ask);

    private async Task<T> AskRawAsync<T>(byte[] answer, Func<AgentClient, Task<T>> ask)
    {
        File.Delete(SocketPath);
        using var listener = Listen();
        var asking = ask(Client());
        using (var connection = await listener.AcceptAsync(Token))
        {
            var length = new byte[4];
            await connection.ReceiveAsync(length, SocketFlags.None, Token);
            await connection.ReceiveAsync(new byte[4096], SocketFlags.None, Token);
            await connection.SendAsync(answer, SocketFlags.None, Token);
        }
        return await asking;
    }

    private Socket Listen()
    {
        var listener = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        listener.Bind(new UnixDomainSocketEndPoint(SocketPath));
        listener.Listen();
        return listener;
    }
}
