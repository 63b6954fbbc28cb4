using System.Globalization;
using Codomyrmex.Networking.Ssh;
using Codomyrmex.Networking.Tests.Integration.Fixtures;

namespace Codomyrmex.Networking.Tests.Integration.Ssh;

public sealed class ConfigurationOracleTests : IDisposable
{
    private readonly ServerFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("web", "Host web\n Port 2201\n IdentityFile ~/.ssh/one\nHost *\n Port 2202\n User grace\n IdentityFile /keys/%r@%h-%n-%p-%%\n")]
    [InlineData("web1", "Host web? !web2\n User one\nHost *\n User two\n")]
    [InlineData("web2", "Host web? !web2\n User one\nHost *\n User two\n")]
    [InlineData("web", "HostName %h.example\nMatch host *.example\n Port 2222\nMatch originalhost web user grace\n User never\n")]
    [InlineData("web", "User grace\nMatch user grace originalhost we*,!db\n Port 2222\nMatch !user grace\n Compression yes\n")]
    [InlineData("web", "Match final\n Port 2222\nMatch final host web\n User grace\n")]
    [InlineData("web", "Match canonical\n Port 2222\nMatch all\n Port 2223\n")]
    [InlineData("web", "Port=2222\nuser = \"grace\"\nIdentityFile \"/keys/with blank\" # comment\nIdentitiesOnly yes\n")]
    [InlineData("web", "ProxyJump ops@bastion:2222,second\nHostKeyAlias alias\nUserKnownHostsFile ~/known_%k /other\nGlobalKnownHostsFile none\n")]
    [InlineData("web", "ProxyCommand none\nProxyJump bastion\n")]
    [InlineData("web", "ProxyJump none\nProxyCommand nc %h\n")]
    [InlineData("web", "StrictHostKeyChecking accept-new\nConnectTimeout 1m30s\nServerAliveInterval 15\nServerAliveCountMax 5\nHashKnownHosts yes\nUpdateHostKeys yes\nRequiredRSASize 3072\n")]
    [InlineData("web", "StrictHostKeyChecking no\nCiphers aes128-gcm@openssh.com,aes256-ctr\nMACs hmac-sha2-256\nKexAlgorithms curve25519-sha256\nHostKeyAlgorithms ssh-ed25519\nAddressFamily inet6\n")]
    [InlineData("web", "Include inner.conf\nHost web\n Port 2222\n")]
    [InlineData("web", "Host other\n Include inner.conf\nHost web\n Port 2222\n")]
    [InlineData("web", "CertificateFile /keys/%u-cert.pub\nCertificateFile ~/second\nSetEnv A=1 \"B=2 3\"\nPreferredAuthentications publickey,password\n")]
    [InlineData("web", "IdentityAgent none\nIdentityFile none\nUser \"a b\\\"c\"\n", false)]
    public async Task Configuration_says_what_ssh_reads_in_it(string host, string text, bool isAccepted = true)
    {
        _folder.Write("inner.conf", "User included\nHost nobody\n Port 1\n");
        var file = _folder.Write("config", text.Replace("inner.conf", _folder["inner.conf"], StringComparison.Ordinal));
        var said = await SshTool.RunAsync("ssh", "-G", "-F", file, host);
        if (!isAccepted)
        {
            // A name that ssh hands on, and we do not.
            Assert.Equal(ErrorCodes.SshConfiguration, Assert.Throws<SSHException>(() => SSHConfiguration.LoadAsync(file).Result.For(host)).Code);
            return;
        }
        var expected = said.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => line.Split(' ', 2)).Where(parts => parts.Length == 2).ToLookup(parts => parts[0], parts => parts[1]);
        var ours = (await SSHConfiguration.LoadAsync(file, TestContext.Current.CancellationToken)).For(host);

        string One(string keyword) => expected[keyword].First();
        Assert.Equal(One("hostname"), ours.Host);
        Assert.Equal(One("port"), ours.Port.ToString(CultureInfo.InvariantCulture));
        Assert.Equal(One("user"), ours.User);
        Assert.Equal(One("identitiesonly"), ours.IdentitiesOnly ? "yes" : "no");
        Assert.Equal(One("hashknownhosts"), ours.HashKnownHosts ? "yes" : "no");
        if (ours.UpdateHostKeys)
            Assert.Equal("true", One("updatehostkeys"));
        Assert.Equal(One("stricthostkeychecking") is "accept-new" or "false", ours.AcceptNew);
        Assert.Equal(expected["proxyjump"].FirstOrDefault(), ours.ProxyJump.Count > 0 ? string.Join(',', ours.ProxyJump) : null);
        Assert.Equal(expected["hostkeyalias"].FirstOrDefault(), ours.HostKeyAlias);
        Assert.Equal(One("connecttimeout"), ours.ConnectTimeout is { } limit ? $"{limit.TotalSeconds}" : "none");
        Assert.Equal(One("serveraliveinterval"), $"{ours.ServerAliveInterval?.TotalSeconds ?? 0}");
        Assert.Equal(One("serveralivecountmax"), $"{ours.ServerAliveCountMax ?? 3}");
        Assert.Equal(One("addressfamily"), ours.AddressFamily ?? "any");
        if (ours.Ciphers is not null)
            Assert.Equal((One("ciphers"), One("macs"), One("kexalgorithms"), One("hostkeyalgorithms")), (ours.Ciphers, ours.Macs, ours.KexAlgorithms, ours.HostKeyAlgorithms));
        if (ours.IdentityFiles.Count > 0)
            Assert.Equal(expected["identityfile"].Select(path => Tokens(path, ours)), ours.IdentityFiles);
        Assert.Equal(expected["certificatefile"].Select(path => Tokens(path, ours)), ours.CertificateFiles);
        Assert.Equal(expected["setenv"], ours.Environment);
        if (ours.KnownHostsFiles is not null)
            Assert.Equal(One("userknownhostsfile").Split(' ').Select(path => Tokens(path, ours)), ours.KnownHostsFiles);
    }

    // ssh -G prints paths as they are written, but for "~".
    private static string Tokens(string path, SSHHostSettings ours) => path
        .Replace("%%", "\u0001", StringComparison.Ordinal).Replace("%r", ours.User, StringComparison.Ordinal).Replace("%h", ours.Host, StringComparison.Ordinal)
        .Replace("%n", ours.Alias, StringComparison.Ordinal).Replace("%p", $"{ours.Port}", StringComparison.Ordinal).Replace("%u", Environment.UserName, StringComparison.Ordinal)
        .Replace("%k", ours.HostKeyAlias ?? ours.Alias, StringComparison.Ordinal).Replace("\u0001", "%", StringComparison.Ordinal)
        .Replace("~/", Environment.GetFolderPath(Environment.SpecialFolder.UserProfile) + "/", StringComparison.Ordinal);
}
