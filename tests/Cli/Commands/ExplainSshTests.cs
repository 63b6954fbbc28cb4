using Codomyrmex.Networking.Testing;

namespace Codomyrmex.Networking.Tests.Cli.Commands;

/// <summary><c>explain</c> of SSH and SFTP, and of what lies behind a jump.</summary>
public class ExplainSshTests(SshLab lab) : IClassFixture<SshLab>
{
    private string Url => $"ssh://{lab.Target}";

    private string[] Known => ["--known-hosts", lab.Server.KnownHostsFile];

    [Fact]
    public async Task Ssh_is_explained_without_showing_anything_of_the_user()
    {
        lab.Demand();
        var run = await CliRun.RunAsync(["explain", Url, .. Known, "--json"]);
        Assert.Equal((0, "dns skipped, connect ok, proxy skipped, ssh ok, auth skipped"), (run.ExitCode, Layers(run)));
        var ssh = run.Document.GetProperty("ssh");
        Assert.StartsWith("SSH-2.0-OpenSSH", ssh.GetProperty("serverVersion").GetString());
        Assert.StartsWith("SHA256:", ssh.GetProperty("hostKey").GetString());
        Assert.All(["keyExchange", "hostKeyAlgorithm", "encryption"], name => Assert.NotEqual("", ssh.GetProperty(name).GetString()));
        Assert.Contains("publickey", Notes(run, "auth"));
    }

    [Fact]
    public async Task With_a_key_it_logs_in_and_sftp_answers()
    {
        lab.Demand();
        var run = await CliRun.RunAsync(["explain", $"sftp://{lab.Target}", .. Known, "--identity", lab.Server.KeyFile, "--json"]);
        Assert.Equal((0, "dns skipped, connect ok, proxy skipped, ssh ok, auth ok, sftp ok"), (run.ExitCode, Layers(run)));
        Assert.StartsWith("begins in /", Notes(run, "sftp"));
    }

    [Fact]
    public async Task Unknown_host_key_is_shown_with_what_to_do()
    {
        lab.Demand();
        var nobody = Path.GetTempFileName();
        var run = await CliRun.RunAsync("explain", Url, "--known-hosts", nobody);
        File.Delete(nobody);
        Assert.Equal(79, run.ExitCode);
        Assert.Matches(@"✗\s+ssh", run.Out);
        Assert.Contains("NOT accepted", run.Out);
        Assert.Contains("[ssh.host_key_unknown]", run.Out);
        Assert.Contains("hint: ", run.Out);
    }

    [Fact]
    public async Task Wrong_key_breaks_at_authentication()
    {
        lab.Demand();
        var wrong = Path.Combine(lab.Server.Folder, "wrong");
        using (var pair = Codomyrmex.Networking.Ssh.SSHKeyPair.Generate())
            await pair.SaveAsync(wrong, TestContext.Current.CancellationToken);
        var run = await CliRun.RunAsync(["explain", Url, .. Known, "--identity", wrong, "--json"]);
        Assert.Equal((79, "ssh.authentication"), (run.ExitCode, run.Failure.GetProperty("code").GetString()));
        Assert.EndsWith("ssh ok, auth failed", Layers(run));
    }

    [Fact]
    public async Task Jumps_and_proxies_are_layers_and_the_one_that_breaks_is_named()
    {
        lab.Demand();
        await using var web = LabEndpoints.MapTo(LoopbackServer.Start());
        await using var proxy = LoopbackProxy.Start();
        string[] way = ["--jump", lab.Target, "--identity", lab.Server.KeyFile, .. Known, "--proxy", $"socks5://127.0.0.1:{proxy.Port}", "--json"];
        var run = await CliRun.RunAsync(["explain", $"{web.Url}get", .. way]);
        Assert.Equal((0, "dns ok, tcp ok, socks5 ok, ssh ok, tunnel ok, tls skipped, http ok"), (run.ExitCode, Layers(run)));
        var refused = await CliRun.RunAsync(["explain", $"http://127.0.0.1:{await LabFixture.ClosedPortAsync()}/", .. way]);
        Assert.Equal((79, "ssh failed, tls skipped, http not_reached"), (refused.ExitCode, Layers(refused)));
        Assert.Equal($"ssh {lab.Target}", refused.Failure.GetProperty("layers")[1].GetString());
        await proxy.DisposeAsync();
        var gone = await CliRun.RunAsync(["explain", $"ws://{web.Url.Authority}/ws/echo", .. way]);
        Assert.Equal((77, "socks5 failed, ssh not_reached, tls skipped, websocket not_reached"), (gone.ExitCode, Layers(gone)));
    }

    private static string Layers(CliRun run) => string.Join(", ", run.Document.GetProperty("layers").EnumerateArray()
        .Select(layer => $"{layer.GetProperty("layer").GetString()} {layer.GetProperty("status").GetString()}"));

    private static string Notes(CliRun run, string name) => string.Join("; ", run.Document.GetProperty("layers").EnumerateArray()
        .Single(layer => layer.GetProperty("layer").GetString() == name).GetProperty("notes").EnumerateArray().Select(note => note.GetString()));
}
