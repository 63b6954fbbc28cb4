namespace Codomyrmex.Networking.Tests.Integration;

public class PrerequisiteTests
{
    private static readonly string[] Folders = ["/usr/sbin", "/usr/bin", "/sbin", "/bin", .. (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':')];

    [Theory]
    [InlineData("nginx")]
    [InlineData("squid")]
    [InlineData("tinyproxy")]
    [InlineData("danted")]
    [InlineData("dnsmasq")]
    [InlineData("dnsdist")]
    [InlineData("zstd")]
    [InlineData("redis-server")]
    [InlineData("mariadbd")]
    [InlineData("memcached")]
    [InlineData("mosquitto")]
    [InlineData("aiosmtpd")]
    [InlineData("dovecot")]
    [InlineData("gunicorn")]
    [InlineData("ip")]
    [InlineData("nft")]
    [InlineData("socat")]
    [InlineData("ncat")]
    [InlineData("haproxy")]
    [InlineData("prlimit")]
    [InlineData("python3")]
    [InlineData("openssl")]
    [InlineData("nmap")]
    [InlineData("tc")]
    [InlineData("curl")]
    [InlineData("xmllint")]
    [InlineData("chromium")]
    [InlineData("node")]
    [InlineData("sshd")]
    [InlineData("ssh")]
    [InlineData("ssh-keygen")]
    [InlineData("ssh-agent")]
    [InlineData("dropbear")]
    [InlineData("tinysshd")]
    [InlineData("proftpd")]
    [InlineData("puttygen")]
    public void Program_that_the_tests_run_is_installed(string program) =>
        Assert.True(Folders.Any(folder => File.Exists(Path.Combine(folder, program))), $"{program} is missing: run ./dev setup.");

    [Theory]
    [InlineData("s3rver/bin/s3rver.js")]
    [InlineData("azurite/dist/src/blob/main.js")]
    [InlineData("@smithy/signature-v4/package.json")]
    [InlineData("ws/package.json")]
    public void Package_that_the_tests_run_is_installed(string path) => Assert.True(File.Exists(Fixtures.NodeServers.Module(path)), $"{path} is missing: run ./dev setup.");
}
