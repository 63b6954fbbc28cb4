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
    [InlineData("gunicorn")]
    [InlineData("ip")]
    [InlineData("nft")]
    [InlineData("openssl")]
    [InlineData("curl")]
    public void Program_that_the_tests_run_is_installed(string program) =>
        Assert.True(Folders.Any(folder => File.Exists(Path.Combine(folder, program))), $"{program} is missing: run ./dev setup.");
}
