using Codomyrmex.Networking.Ssh;
using Codomyrmex.Networking.Ssh.Internal;
using Codomyrmex.Networking.Ssh.Internal.Engine;
using Codomyrmex.Networking.Ssh.Protocol;

namespace Codomyrmex.Networking.Tests.Unit.Ssh;

public class ConfigurationTests
{
    [Fact]
    public void First_value_wins_and_lists_grow()
    {
        var settings = Read("""
            Host web
                Port 2201
                IdentityFile ~/.ssh/web
            Host *
                Port 2202
                User everybody
                IdentityFile /keys/%r@%h
            """, "web");
        Assert.Equal((2201, "everybody", "web"), (settings.Port, settings.User, settings.Host));
        Assert.Equal(["/home/ada/.ssh/web", "/keys/everybody@web"], settings.IdentityFiles);
    }

    [Fact]
    [Trait("Cve", "53")]
    public void Lists_of_algorithms_are_applied_within_the_profile()
    {
        var options = new SSHClientOptions { Credentials = [SSHCredential.Password("x")] };
        var applied = Read("Ciphers ^aes256-gcm@openssh.com\nMACs hmac-sha2-512-etm@openssh.com\nKexAlgorithms +diffie-hellman-group1-sha1\nHostKeyAlgorithms -ecdsa*", "web").ApplyTo(options);
        applied.Validate();
        Assert.Equal("aes256-gcm@openssh.com", EngineAlgorithms.Ciphers(applied.Algorithms, applied.AlgorithmLists)[0]);
        Assert.Equal(["hmac-sha2-512-etm@openssh.com"], EngineAlgorithms.Integrity(applied.Algorithms, applied.AlgorithmLists));
        // No file makes broken what the code wants unbroken.
        Assert.Equal(EngineAlgorithms.Exchanges(SSHAlgorithms.Modern, SSHAlgorithmLists.Default), EngineAlgorithms.Exchanges(applied.Algorithms, applied.AlgorithmLists));
        Assert.DoesNotContain(EngineAlgorithms.HostKeys(applied.Algorithms, applied.AlgorithmLists), static name => name.StartsWith("ecdsa", StringComparison.Ordinal));

        var error = Assert.Throws<SSHException>(() => Read("Ciphers 3des-cbc", "web").ApplyTo(options));
        Assert.Equal(ErrorCodes.SshConfiguration, error.Code);
        Assert.Contains("Ciphers", error.Message);
        Assert.Equal("3des-cbc", Read("Ciphers 3des-cbc", "web").ApplyTo(options with { Algorithms = SSHAlgorithms.Legacy }).AlgorithmLists.Ciphers);
    }

    [Theory]
    [InlineData("web", "web", true)]
    [InlineData("web", "db web", true)]
    [InlineData("web1", "web?", true)]
    [InlineData("web", "*", true)]
    [InlineData("web", "* !web", false)]
    [InlineData("web", "!web", false)]
    [InlineData("web", "\"web\"", true)]
    [InlineData("web", "we", false)]
    public void Host_matches_patterns(string host, string patterns, bool matches) =>
        Assert.Equal(matches ? 2222 : 22, Read($"Host {patterns}\nPort 2222", host).Port);

    [Theory]
    [InlineData("Match host web.example\nPort 2222", 2222)]
    [InlineData("HostName web.example\nMatch host *.example\nPort 2222", 2222)]
    [InlineData("HostName %h.example\nMatch host web.example\nPort 2222", 2222)]
    [InlineData("Match originalhost web user grace\nPort 2222", 22)]
    [InlineData("User grace\nMatch originalhost web user grace\nPort 2222", 2222)]
    [InlineData("Match !originalhost web\nPort 2222", 22)]
    [InlineData("Match originalhost db,web localuser ada\nPort 2222", 2222)]
    [InlineData("Match all\nPort 2222", 2222)]
    [InlineData("Match originalhost=web\nPort 2222", 2222)]
    [InlineData("Tag blue\nMatch tagged blue\nPort 2222", 2222)]
    [InlineData("Match final\nPort 2222", 2222)]
    [InlineData("Match canonical\nPort 2222", 22)]
    [InlineData("Match final host web\nPort 2222\nMatch all\nPort 2223", 2223)]
    public void Match_looks_at_what_is_known_so_far(string text, int port) =>
        Assert.Equal(port, Read(text, text.Contains("host web.example\n", StringComparison.Ordinal) && !text.Contains("HostName", StringComparison.Ordinal) ? "web.example" : "web").Port);

    [Theory]
    [InlineData("Port=2222")]
    [InlineData("port = 2222")]
    [InlineData("  PORT\t2222  # comment")]
    [InlineData("Port \"2222\"\r")]
    [InlineData("\uFEFFPort 2222")]
    public void Line_may_be_written_in_many_ways(string line) => Assert.Equal(2222, Read(line, "web").Port);

    [Fact]
    public void Words_keep_what_is_quoted()
    {
        var settings = Read("""
            IdentityFile "/keys/with blank"
            IdentityFile /keys/with\ blank2
            IdentityFile "/keys/with \"quote\""
            IdentityFile '/keys/#no-comment'
            SetEnv A=1 "B=2 3"
            """, "web");
        Assert.Equal(["/keys/with blank", "/keys/with blank2", "/keys/with \"quote\"", "/keys/#no-comment"], settings.IdentityFiles);
        Assert.Equal(["A=1", "B=2 3"], settings.Environment);
    }

    [Fact]
    public void Tokens_and_variables_are_filled_in()
    {
        var settings = Read("""
            HostName %h.example
            User grace
            IdentityFile ${KEYS}/%u-%r-%h-%n-%p-%%-%L
            UserKnownHostsFile ~/known_%k none
            IdentityAgent $AGENT
            ProxyJump bastion,ops@second:2222
            """, "web");
        Assert.Equal("web.example", settings.Host);
        Assert.Equal(["/secret%keys/ada-grace-web.example-web-22-%-box"], settings.IdentityFiles);
        Assert.Equal(["/home/ada/known_web", "/etc/ssh/ssh_known_hosts", "/etc/ssh/ssh_known_hosts2"], settings.KnownHostsFiles);
        Assert.Equal("/run/agent", settings.IdentityAgent);
        Assert.Equal(["bastion", "ops@second:2222"], settings.ProxyJump);
    }

    [Theory]
    [InlineData("yes", false)]
    [InlineData("ask", false)]
    [InlineData("accept-new", true)]
    [InlineData("no", true)]
    [InlineData("off", true)]
    public void No_configuration_makes_a_changed_key_acceptable(string strictness, bool acceptsNew) =>
        Assert.Equal(acceptsNew, Read($"StrictHostKeyChecking {strictness}", "web").AcceptNew);

    [Theory]
    [InlineData("30", 30)]
    [InlineData("1m30s", 90)]
    [InlineData("2H", 7200)]
    public void Times_have_units(string text, int seconds) => Assert.Equal(TimeSpan.FromSeconds(seconds), Read($"ConnectTimeout {text}", "web").ConnectTimeout);

    [Theory, Trait("Cve", "54")]
    [InlineData("Match exec \"touch /tmp/owned\"\nPort 2222", "Match exec would run a program")]
    [InlineData("ProxyCommand nc %h %p", "proxycommand would run a program")]
    [InlineData("KnownHostsCommand /bin/keys", "knownhostscommand would run a program")]
    [InlineData("PKCS11Provider /lib/evil.so", "pkcs11provider would run a program")]
    public void What_would_run_a_program_is_an_error_that_names_the_line(string text, string message)
    {
        var error = Assert.Throws<FormatException>(() => Read(text, "web"));
        Assert.Contains(message, error.Message);
        Assert.StartsWith("config:1:", error.Message);
    }

    [Fact, Trait("Cve", "54")]
    public void What_would_run_a_program_for_another_host_does_no_harm()
    {
        Assert.Equal(2222, Read("Host other\nProxyCommand nc %h %p\nMatch exec true\nHost web\nPort 2222", "web", isExecAllowed: true).Port);
        Assert.Equal(2222, Read("Host other\nProxyCommand nc\nHost *\nProxyCommand none\nPort 2222", "web").Port);
        Assert.Equal(["hop"], Read("ProxyJump hop\nProxyCommand nc", "web").ProxyJump);
        // The other way round the program is what ssh would take.
        Assert.Contains("proxycommand would run a program", Assert.Throws<FormatException>(() => Read("ProxyCommand nc\nProxyJump hop", "web")).Message);
    }

    [Theory, Trait("Cve", "49")]
    [InlineData("RevokedHostKeys /etc/ssh/revoked", "the keys of revokedhostkeys must be refused")]
    [InlineData("RefuseConnection \"not from \u001bhere\"", "it refuses connections to this host: \"not from \\u001bhere\"")]
    public void Ban_is_kept_or_an_error_and_never_passed_over(string text, string message)
    {
        var error = Assert.Throws<FormatException>(() => Read(text, "web"));
        Assert.Contains(message, error.Message);
        Assert.StartsWith("config:1:", error.Message);
        Assert.Equal("other", Read($"Host web\n{text}\nHost *\nRevokedHostKeys none", "other").Host);
    }

    [Theory, Trait("Cve", "47")]
    [InlineData("User", "gr$(id)ace")]
    [InlineData("User", "-oProxyCommand=id")]
    [InlineData("HostName", "web;id")]
    [InlineData("HostName", "`id`")]
    [InlineData("ProxyJump", "hop|id")]
    [InlineData("User", "a\u0007b")]
    public void Names_have_no_characters_that_a_shell_would_read(string keyword, string value) =>
        Assert.Throws<FormatException>(() => Read($"{keyword} \"{value}\"", "web"));

    [Theory]
    [InlineData("Prot 2222", "there is no keyword 'prot'")]
    [InlineData("Port", "'port' has no value")]
    [InlineData("Port 0", "must be a number")]
    [InlineData("Port 65536", "must be a number")]
    [InlineData("Port 22x", "must be a number")]
    [InlineData("IdentityFile \"open", "not closed")]
    [InlineData("IdentityFile %q", "token '%q'")]
    [InlineData("IdentityFile ${MISSING}", "MISSING is not set")]
    [InlineData("IdentityFile ~other/key", "home of another user")]
    [InlineData("IdentitiesOnly maybe", "may be yes, no")]
    [InlineData("StrictHostKeyChecking sometimes", "may be yes, ask")]
    [InlineData("ConnectTimeout 5x", "must be a time")]
    [InlineData("ConnectTimeout 99999999999999999999999", "must be a time")]
    [InlineData("Match sometimes web", "Match sometimes is not supported")]
    [InlineData("Match host", "Match host has no value")]
    public void Wrong_line_is_named(string line, string message)
    {
        var error = Assert.Throws<FormatException>(() => Read("\n" + line, "web"));
        Assert.Contains(message, error.Message);
        Assert.Contains("config:2", error.Message);
    }

    [Fact]
    public void Unknown_keyword_may_be_passed_over() => Assert.Equal(2222, Read("IgnoreUnknown UseKey*,Fancy\nUseKeyring yes\nFancy 1\nPort 2222", "web").Port);

    [Fact]
    public void Include_goes_where_it_stands_and_only_so_deep()
    {
        var files = new Dictionary<string, string> { ["inner"] = "Port 2222\nHost other\nUser nobody", ["loop"] = "Include loop" };
        var settings = Read("Host web\nInclude inner\nUser grace\nPort 2223", "web", files);
        Assert.Equal((2222, "grace"), (settings.Port, settings.User));
        Assert.Equal(22, Read("Host other\nInclude inner", "web", files).Port);
        Assert.Contains("deeper than 16", Assert.Throws<FormatException>(() => Read("Include loop", "web", files)).Message);
        files["bomb"] = "Include bomb bomb";
        Assert.Throws<FormatException>(() => Read("Include bomb", "web", files));
    }

    [Fact]
    public async Task Files_include_others_by_pattern()
    {
        using var folder = new TemporaryDirectory();
        Directory.CreateDirectory(Path.Combine(folder.Path, "d"));
        File.WriteAllText(Path.Combine(folder.Path, "d", "2.conf"), "Port 2");
        File.WriteAllText(Path.Combine(folder.Path, "d", "1.conf"), "Port 1");
        File.WriteAllText(Path.Combine(folder.Path, "d", "0.bak"), "Port 9");
        var path = Path.Combine(folder.Path, "config");
        File.WriteAllText(path, $"Include {folder.Path}/d/*.conf {folder.Path}/absent");
        var token = TestContext.Current.CancellationToken;
        Assert.Equal(1, (await SSHConfiguration.LoadAsync(path, token)).For("web").Port);
        Assert.Equal("grace", (await SSHConfiguration.LoadAsync(path, token)).For("web", "grace", 5).User);
        File.WriteAllText(path, "Prot 1");
        var error = Assert.Throws<SSHException>(() => SSHConfiguration.LoadAsync(path, token).Result.For("web"));
        Assert.Equal(ErrorCodes.SshConfiguration, error.Code);
        Assert.Contains($"{path}:1", error.Message);
        Assert.Equal(ErrorCodes.SshConfiguration, (await Assert.ThrowsAsync<SSHException>(() => SSHConfiguration.LoadAsync(path + "-absent", token))).Code);
    }

    private static SSHHostSettings Read(string text, string host, Dictionary<string, string>? files = null, bool isExecAllowed = false)
    {
        var facts = new ConfigFacts
        {
            Host = host,
            LocalUser = "ada",
            Home = "/home/ada",
            LocalHost = "box.example",
            Environment = name => name switch { "KEYS" => "/secret%keys", "AGENT" => "/run/agent", _ => null },
        };
        var evaluation = new ConfigEvaluation(facts, (pattern, _) => [ConfigText.Parse(files![pattern], pattern)], isExecAllowed ? _ => false : null);
        return new ConfigReading(evaluation.Run([ConfigText.Parse(text, "config")]), facts).Settings();
    }
}
