using System.Net;
using System.Security.Cryptography;
using Codomyrmex.Networking.Ssh;
using Codomyrmex.Networking.Ssh.Internal;
using Codomyrmex.Networking.Ssh.Protocol;
using Codomyrmex.Networking.Testing;
using Codomyrmex.Networking.Transport;

namespace Codomyrmex.Networking.Tests.Unit.Ssh;

/// <summary>Host keys by SSHFP records (RFC 4255), from a resolver that validates.</summary>
public sealed class HostKeyRecordsTests : IDisposable
{
    private const int Sshfp = 44;

    private readonly TemporaryDirectory _folder = new();
    private readonly SshPublicKey _key = Keys.New();
    private readonly SshPublicKey _other = Keys.New();

    private string KnownHosts => Path.Combine(_folder.Path, "known_hosts");

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Validated_record_makes_an_unknown_key_the_hosts()
    {
        await using var dns = Serve(new() { IsValidated = true, Records = [Record(4, 2, _other), Record(4, 2, _key)] });
        (await OpenAsync(dns)).Demand(_key.Blob);
        Assert.False(File.Exists(KnownHosts));
        Assert.Equal(("server.example", Sshfp), (dns.Questions[0].Name, dns.Questions[0].Type));
        // Remembered only where new hosts are.
        (await OpenAsync(dns, static trust => trust with { AcceptNew = true })).Demand(_key.Blob);
        Assert.Equal($"[server.example]:2222 {_key.Text}\n", File.ReadAllText(KnownHosts));
    }

    [Fact]
    public async Task Record_that_is_not_validated_says_nothing()
    {
        await using var dns = Serve(new() { Records = [Record(4, 2, _key)] });
        Assert.Equal(ErrorCodes.SshHostKeyUnknown, Refused(await OpenAsync(dns)).Code);
    }

    [Fact]
    public async Task Record_by_SHA_1_says_nothing()
    {
        await using var dns = Serve(new() { IsValidated = true, Records = [KeyValuePair.Create(Sshfp, (ReadOnlyMemory<byte>)(byte[])[4, 1, .. SHA1.HashData(_key.Blob)])] });
        Assert.Equal(ErrorCodes.SshHostKeyUnknown, Refused(await OpenAsync(dns)).Code);
    }

    [Fact]
    public async Task Validated_records_of_others_alone_are_a_refusal_also_where_new_hosts_are_accepted()
    {
        await using var dns = Serve(new() { IsValidated = true, Records = [Record(4, 2, _other), Record(1, 2, _key)] });
        var error = Refused(await OpenAsync(dns, static trust => trust with { AcceptNew = true }));
        Assert.Equal(ErrorCodes.SshHostKeyUnverified, error.Code);
        Assert.Contains(_key.Fingerprint, error.Message);
        Assert.False(File.Exists(KnownHosts));
    }

    [Fact, Trait("Cve", "48")]
    public async Task Resolver_that_fails_is_a_refusal_also_where_new_hosts_are_accepted()
    {
        await using var dns = Serve(ScriptedDnsAnswer.ServerFailure);
        var error = Refused(await OpenAsync(dns, static trust => trust with { AcceptNew = true }));
        Assert.Equal(ErrorCodes.SshHostKeyUnverified, error.Code);
        Assert.Contains("SERVFAIL", error.Message);
        Assert.False(File.Exists(KnownHosts));
    }

    [Fact]
    public async Task Host_without_records_is_as_unknown_as_before()
    {
        await using var dns = Serve(ScriptedDnsAnswer.NoSuchName);
        Assert.Equal(ErrorCodes.SshHostKeyUnknown, Refused(await OpenAsync(dns)).Code);
        (await OpenAsync(dns, static trust => trust with { AcceptNew = true })).Demand(_key.Blob);
    }

    [Theory]
    [InlineData("[server.example]:2222 {other}\n", ErrorCodes.SshHostKeyChanged)]
    [InlineData("@revoked * {key}\n", ErrorCodes.SshHostKeyRevoked)]
    [InlineData("@revokd * {key}\n", ErrorCodes.SshHostKeyUnverified)]
    public async Task Changed_revoked_or_doubtful_key_is_refused_whatever_DNS_says(string known, string code)
    {
        File.WriteAllText(KnownHosts, known.Replace("{other}", _other.Text, StringComparison.Ordinal).Replace("{key}", _key.Text, StringComparison.Ordinal));
        await using var dns = Serve(new() { IsValidated = true, Records = [Record(4, 2, _key)] });
        Assert.Equal(code, Refused(await OpenAsync(dns)).Code);
    }

    [Fact]
    public async Task Known_or_pinned_host_is_not_asked_about()
    {
        File.WriteAllText(KnownHosts, $"[server.example]:2222 {_key.Text}\n");
        await using var dns = Serve(ScriptedDnsAnswer.ServerFailure);
        (await OpenAsync(dns)).Demand(_key.Blob);
        (await OpenAsync(dns, trust => trust with { KnownHostsFiles = [], PinnedFingerprints = [_key.Fingerprint] })).Demand(_key.Blob);
        Assert.Empty(dns.Questions);
    }

    [Fact]
    public async Task Types_of_keys_that_DNS_has_are_asked_for_first()
    {
        await using var dns = Serve(new() { IsValidated = true, Records = [Record(3, 2, _key)] });
        Assert.Equal(["ecdsa-sha2-nistp256", "ssh-ed25519"], (await OpenAsync(dns)).Order(["ssh-ed25519", "ecdsa-sha2-nistp256"]));
    }

    [Theory]
    [InlineData("192.0.2.53", 53)]
    [InlineData("127.0.0.1", 0)]
    public void Resolver_that_is_not_of_this_machine_is_a_wrong_argument(string address, int port) =>
        Assert.Contains("ValidatingResolver", Assert.Throws<ArgumentException>(() => new HostKeyTrust { ValidatingResolver = new IPEndPoint(IPAddress.Parse(address), port) }.Validate()).Message);

    [Fact]
    public async Task Record_is_shown_as_a_zone_file_writes_it_and_the_answer_tells_that_it_is_validated()
    {
        await using var dns = Serve(new() { IsValidated = true, Records = [KeyValuePair.Create(Sshfp, (ReadOnlyMemory<byte>)(byte[])[4, 2, 0xCA, 0xFE])] });
        var answer = await new DnsServerResolver(dns.EndPoint).QueryAsync("server.example", DnsRecordType.SSHFP, Token);
        Assert.Equal(("4 2 CAFE", true), (answer.Records[0].Data, answer.IsValidated));
    }

    private static ScriptedDnsServer Serve(ScriptedDnsAnswer answer) => ScriptedDnsServer.Start(_ => answer);

    private static KeyValuePair<int, ReadOnlyMemory<byte>> Record(byte algorithm, byte digest, SshPublicKey key) => KeyValuePair.Create(Sshfp, (ReadOnlyMemory<byte>)(byte[])[algorithm, digest, .. SHA256.HashData(key.Blob)]);

    private Task<HostKeyJudge> OpenAsync(ScriptedDnsServer dns, Func<HostKeyTrust, HostKeyTrust>? change = null)
    {
        var trust = new HostKeyTrust { KnownHostsFiles = [KnownHosts], ValidatingResolver = dns.EndPoint };
        return HostKeyJudge.OpenAsync(change is null ? trust : change(trust), new Endpoint("server.example", 2222), TimeProvider.System, Keys.Ed25519Holds, Token);
    }

    private SSHException Refused(HostKeyJudge judge) => Assert.Throws<SSHException>(() => judge.Demand(_key.Blob));
}
