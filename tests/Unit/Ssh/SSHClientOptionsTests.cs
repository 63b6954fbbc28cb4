using Codomyrmex.Networking.Ssh;
using Codomyrmex.Networking.Ssh.Internal;
using Codomyrmex.Networking.Ssh.Internal.Engine;
using Codomyrmex.Networking.Ssh.Protocol;

namespace Codomyrmex.Networking.Tests.Unit.Ssh;

public class SSHClientOptionsTests
{
    private static readonly SSHClientOptions Good = new() { Credentials = [SSHCredential.Password("canary")] };

    [Fact]
    public void Nothing_of_the_user_is_shown_unasked() =>
        Assert.Contains("Credentials", Assert.Throws<ArgumentException>(() => new SSHClient("host", "ada", SSHClientOptions.Default)).Message);

    [Fact]
    public void Wrong_values_are_named()
    {
        Assert.Contains("Port", Assert.ThrowsAny<ArgumentException>(() => (Good with { Port = 0 }).Validate()).Message);
        Assert.Contains("MaxSessions", Assert.ThrowsAny<ArgumentException>(() => (Good with { MaxSessions = 0 }).Validate()).Message);
        Assert.Contains("ReceiveWindow", Assert.ThrowsAny<ArgumentException>(() => (Good with { ReceiveWindow = 1 }).Validate()).Message);
        Assert.Contains("SSHKeepAlive.Interval", Assert.ThrowsAny<ArgumentException>(() => (Good with { KeepAlive = new() { Interval = TimeSpan.Zero } }).Validate()).Message);
        Assert.Contains("Timeout", Assert.ThrowsAny<ArgumentException>(() => new SSHCommandOptions { Timeout = TimeSpan.Zero }.Validate()).Message);
        Assert.Contains("Environment", Assert.ThrowsAny<ArgumentException>(() => new SSHCommandOptions { Environment = new Dictionary<string, string> { ["A=B"] = "" } }.Validate()).Message);
        Assert.Contains("Sudo", Assert.ThrowsAny<ArgumentException>(() => new SSHCommandOptions { Sudo = new(), Terminal = SSHTerminal.Default }.Validate()).Message);
        Assert.Contains("Parallel", Assert.ThrowsAny<ArgumentException>(() => new SftpTreeOptions { Parallel = 0 }.Validate()).Message);
    }

    [Theory]
    [InlineData("-oProxyCommand=x")]
    [InlineData("ada\n")]
    [InlineData("a\0b")]
    [Trait("Cve", "47")]
    public void User_that_could_be_taken_for_something_else_is_refused(string user) => Assert.Throws<ArgumentException>(() => new SSHClient("host", user, Good));

    [Fact]
    public void Secrets_are_not_printed()
    {
        var printed = $"{Good} {Good.Credentials[0]} {new SSHSudo { Password = "canary" }} {new SSHCommandOptions { Sudo = new() { Password = "canary" } }} {SSHCredential.KeyFile("/k", "canary")}";
        Assert.DoesNotContain("canary", printed);
    }

    [Fact]
    [Trait("Cve", "53")]
    public void Modern_profile_offers_nothing_that_is_broken()
    {
        string[] all = [.. EngineAlgorithms.Exchanges(SSHAlgorithms.Modern, SSHAlgorithmLists.Default), .. EngineAlgorithms.Ciphers(SSHAlgorithms.Modern, SSHAlgorithmLists.Default), .. EngineAlgorithms.Integrity(SSHAlgorithms.Modern, SSHAlgorithmLists.Default), .. EngineAlgorithms.HostKeys(SSHAlgorithms.Modern, SSHAlgorithmLists.Default)];
        Assert.DoesNotContain(all, name => name.Contains("cbc") || name.Contains("sha1") || name.Contains("group1-") || name.Contains("dss") || name is "ssh-rsa" or "hmac-sha2-256");
        Assert.Equal(("mlkem768x25519-sha256", "aes128-gcm@openssh.com"), (all[0], EngineAlgorithms.Ciphers(SSHAlgorithms.Modern, SSHAlgorithmLists.Default)[0]));
        Assert.Contains("diffie-hellman-group14-sha256", EngineAlgorithms.Exchanges(SSHAlgorithms.Compatible, SSHAlgorithmLists.Default));
        Assert.DoesNotContain("diffie-hellman-group14-sha1", EngineAlgorithms.Exchanges(SSHAlgorithms.Compatible, SSHAlgorithmLists.Default));
        Assert.Contains("3des-cbc", EngineAlgorithms.Ciphers(SSHAlgorithms.Legacy, SSHAlgorithmLists.Default));
    }

    [Theory]
    [InlineData(null, "a b c-1 c-2")]
    [InlineData("c-1,a", "c-1 a")]
    [InlineData("c-*", "c-1 c-2")]
    [InlineData("-c-*", "a b")]
    [InlineData("^c-2,b", "c-2 b a c-1")]
    [InlineData("+broken", "a b c-1 c-2")]
    [InlineData("broken,b", "b")]
    [InlineData("broken", "")]
    public void List_of_algorithms_orders_and_leaves_out_and_never_adds(string? list, string offered) =>
        Assert.Equal(offered, string.Join(' ', AlgorithmList.Apply(list, ["a", "b", "c-1", "c-2"])));

    [Theory]
    [InlineData("aes128-gcm@openssh.com,,aes256-ctr")]
    [InlineData("-")]
    [InlineData("aes128 gcm")]
    [InlineData("3des-cbc")]
    public void List_that_is_none_or_leaves_nothing_is_named(string ciphers)
    {
        var error = Assert.Throws<ArgumentException>(() => (Good with { AlgorithmLists = new() { Ciphers = ciphers } }).Validate());
        Assert.Contains("SSHClientOptions.AlgorithmLists.Ciphers", error.Message);
    }

    [Theory]
    [InlineData("plain", "'plain'")]
    [InlineData("it's $(x) `y`", @"'it'\''s $(x) `y`'")]
    [Trait("Cve", "52")]
    public void Words_for_a_shell_are_one_word(string text, string quoted) => Assert.Equal(quoted, ShellText.Quote(text));

    [Theory]
    [InlineData("", false)]
    [InlineData(".", false)]
    [InlineData("..", false)]
    [InlineData("a/b", false)]
    [InlineData("/etc", false)]
    [InlineData("a\0", false)]
    [InlineData("...", true)]
    [InlineData("-rf", true)]
    [Trait("Cve", "52")]
    public void Name_from_a_server_is_one_name(string name, bool isName) => Assert.Equal(isName, RemotePath.IsName(name));

    [Theory]
    [InlineData("*.txt", "a.txt", true)]
    [InlineData("*.txt", ".txt", false)]
    [InlineData("a?c", "abc", true)]
    [InlineData("[a-c]x", "bx", true)]
    [InlineData("[!a-c]x", "bx", false)]
    [InlineData("[]]x", "]x", true)]
    [InlineData("[x", "[x", true)]
    [InlineData(@"\*", "*", true)]
    [InlineData(@"\*", "x", false)]
    [InlineData("a*b*c", "aXbYc", true)]
    [InlineData("a*b*c", "aXbY", false)]
    public void Pattern_meets_a_name(string pattern, string name, bool matches) => Assert.Equal(matches, GlobPattern.Matches(pattern, name));

    [Fact]
    public void Pattern_of_many_stars_takes_no_time()
    {
        var watch = System.Diagnostics.Stopwatch.StartNew();
        Assert.False(GlobPattern.Matches(string.Concat(Enumerable.Repeat("a*", 100)) + "b", new string('a', 10_000)));
        Assert.True(watch.Elapsed < TimeSpan.FromSeconds(5));
    }

    [Fact]
    public void New_keys_are_due_by_bytes_and_by_time()
    {
        var clock = new Microsoft.Extensions.Time.Testing.FakeTimeProvider();
        var rule = new RekeyRule(1000, TimeSpan.FromHours(1), clock);
        Assert.Equal((false, true, true), (rule.IsDue(999, 999), rule.IsDue(1000, 0), rule.IsDue(0, 1000)));
        rule.Restart(1000, 1000);
        Assert.False(rule.IsDue(1999, 1999));
        clock.Advance(TimeSpan.FromHours(1));
        Assert.True(rule.IsDue(1000, 1000));
    }
}
