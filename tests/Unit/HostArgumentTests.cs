using Codomyrmex.Networking.Sockets;
using Codomyrmex.Networking.Ssh;

namespace Codomyrmex.Networking.Tests.Unit;

public class HostArgumentTests
{
    [Theory]
    [InlineData("127.0.0.1:80", "has a port")]
    [InlineData("[::1]:22", "has a port")]
    [InlineData("example.test:22", "has a port")]
    [InlineData("https://example.test/", "is a URL")]
    public void Host_with_its_port_is_a_wrong_argument_and_no_name_to_look_up(string host, string why)
    {
        foreach (var error in (ArgumentException[])[
            Assert.Throws<ArgumentException>(() => new TCPClient(host, 80)),
            Assert.Throws<ArgumentException>(() => new UDPClient(host, 80)),
            Assert.Throws<ArgumentException>(() => new SSHClient(host, "ada", new SSHClientOptions { Credentials = [SSHCredential.Password("x")] }))])
        {
            Assert.Contains(why, error.Message, StringComparison.Ordinal);
            Assert.Contains("the port separately", error.Message, StringComparison.Ordinal);
            Assert.Equal("host", error.ParamName);
        }
    }

    [Theory]
    [InlineData("ada@example.test")]
    [InlineData("ada:canary@example.test")]
    public void Host_with_its_user_is_a_wrong_argument_that_is_not_quoted(string host)
    {
        var error = Assert.Throws<ArgumentException>(() => new SSHClient(host, "ada", new SSHClientOptions { Credentials = [SSHCredential.Password("x")] }));
        Assert.Equal("host", error.ParamName);
        Assert.StartsWith("There is a user before 'example.test': pass the host alone", error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("canary", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("example.test")]
    [InlineData("::1")]
    [InlineData("[::1]")]
    [InlineData("fe80::1%eth0")]
    [InlineData("2001:db8::80")]
    public void Host_alone_is_taken(string host) => HostArgument.Demand(host, nameof(host));
}
