using System.Text.Json;
using Codomyrmex.Networking.Testing;

namespace Codomyrmex.Networking.Tests.Cli.Commands;

public class ExplainTests(LabFixture lab) : IClassFixture<LabFixture>
{
    [Fact]
    public async Task Every_layer_is_reported()
    {
        var run = await CliRun.RunAsync("explain", $"{lab.Https.Url}redirect/1", "--cacert", lab.CaFile, "--json");
        Assert.Equal(0, run.ExitCode);
        Assert.Equal("dns skipped, connect ok, proxy skipped, tls ok, http ok", Layers(run));
        var document = run.Document;
        Assert.True(document.GetProperty("ok").GetBoolean());
        Assert.Equal("TLS 1.3", document.GetProperty("tls").GetProperty("protocol").GetString());
        Assert.Contains("localhost", document.GetProperty("tls").GetProperty("chain")[0].GetProperty("names").EnumerateArray().Select(name => name.GetString()));
        Assert.StartsWith("sha256//", document.GetProperty("tls").GetProperty("chain")[0].GetProperty("pin").GetString());
        Assert.Equal(302, document.GetProperty("http").GetProperty("status").GetInt32());
        Assert.Equal("/get", document.GetProperty("http").GetProperty("location").GetString());
        Assert.False(document.TryGetProperty("error", out _));
    }

    [Fact]
    public async Task A_refused_certificate_is_shown_with_its_chain()
    {
        var run = await CliRun.RunAsync("explain", lab.Https.Url.AbsoluteUri, "--json");
        Assert.Equal(74, run.ExitCode);
        Assert.Equal("dns skipped, connect ok, proxy skipped, tls failed, http not_reached", Layers(run));
        Assert.Equal("tls.untrusted", run.Failure.GetProperty("code").GetString());
        Assert.True(run.Document.GetProperty("tls").GetProperty("chain").GetArrayLength() > 0);
        Assert.Equal(JsonValueKind.Null, run.Document.GetProperty("http").ValueKind);
    }

    [Fact]
    public async Task A_refused_connection_ends_with_what_broke_and_a_hint()
    {
        var run = await CliRun.RunAsync("explain", $"127.0.0.1:{await LabFixture.ClosedPortAsync()}");
        Assert.Equal(71, run.ExitCode);
        Assert.Matches(@"✗\s+connect", run.Out);
        Assert.Contains("[tcp.refused]", run.Out);
        Assert.Contains("hint: ", run.Out);
    }

    [Fact]
    public async Task A_denied_target_is_not_even_looked_up()
    {
        var run = await CliRun.RunAsync("explain", "http://denied.example/", "--deny", "*.example", "--json");
        Assert.Equal(80, run.ExitCode);
        Assert.Equal("policy failed, dns not_reached, connect not_reached, proxy skipped, tls skipped, http not_reached", Layers(run));
    }

    [Fact]
    public async Task A_denied_address_is_shown_behind_its_name()
    {
        var run = await CliRun.RunAsync("explain", "http://inside.example/", "--policy", "public-only", "--resolve", "inside.example:80:10.0.0.1", "--json");
        Assert.Equal(80, run.ExitCode);
        Assert.Equal("dns ok, policy failed, connect not_reached, proxy skipped, tls skipped, http not_reached", Layers(run));
        Assert.Equal("10.0.0.1", run.Document.GetProperty("addresses")[0].GetString());
    }

    [Fact]
    public async Task A_proxy_that_cannot_be_reached_breaks_at_the_proxy()
    {
        var run = await CliRun.RunAsync("explain", lab.Http.Url.AbsoluteUri, "--proxy", $"http://127.0.0.1:{await LabFixture.ClosedPortAsync()}", "--json");
        Assert.Equal(77, run.ExitCode);
        Assert.Contains("proxy failed", Layers(run));
    }

    [Fact]
    public async Task A_bare_host_and_port_is_asked_nothing()
    {
        var run = await CliRun.RunAsync("explain", $"localhost:{lab.Http.Port}", "--json");
        Assert.Equal("dns ok, connect ok, proxy skipped, tls skipped", Layers(run));
        Assert.True(run.Document.GetProperty("addresses").GetArrayLength() > 0);
    }

    [Fact]
    public async Task Bars_fill_their_width()
    {
        var run = await CliRun.RunAsync("explain", lab.Http.Url.AbsoluteUri);
        var bars = run.Out.Split('\n').Where(line => line.Contains('│')).Select(line => line.Split('│')[1]).ToList();
        Assert.NotEmpty(bars);
        Assert.All(bars, bar => Assert.Equal(48, bar.Length));
        Assert.Contains("✓ reachable", run.Out);
    }

    [Fact]
    public async Task A_websocket_is_explained_by_its_handshake()
    {
        var run = await CliRun.RunAsync("explain", $"ws://{lab.Http.Url.Authority}/ws/echo", "--json");
        Assert.Equal((0, "dns skipped, connect ok, proxy skipped, tls skipped, websocket ok"), (run.ExitCode, Layers(run)));
        Assert.Equal(JsonValueKind.Null, run.Document.GetProperty("webSocket").GetProperty("subprotocol").ValueKind);
        var refused = await CliRun.RunAsync("explain", $"ws://{lab.Http.Url.Authority}/json", "--json");
        Assert.Equal((76, "websocket failed"), (refused.ExitCode, Layers(refused).Split(", ")[^1]));
        Assert.Contains("200 instead of 101", refused.Document.GetProperty("layers")[4].GetProperty("notes")[0].GetString());
        Assert.NotNull(refused.Failure.GetProperty("hint").GetString());
        var secure = await CliRun.RunAsync("explain", $"wss://{lab.Https.Url.Authority}/ws/echo", "--cacert", lab.CaFile);
        Assert.Equal(0, secure.ExitCode);
        Assert.Matches(@"✓\s+websocket", secure.Out);
    }

    [Fact]
    public async Task A_peer_that_speaks_first_is_heard_and_escaped()
    {
        await using var greeting = ScriptedServer.Start(async (peer, stop) =>
        {
            await peer.SendAsync("220 ready \u001b[2J\r\n"u8.ToArray(), stop);
            await peer.StallAsync(stop);
        });
        var run = await CliRun.RunAsync("explain", $"tcp://127.0.0.1:{greeting.Port}", "--json");
        Assert.Equal((0, "dns skipped, connect ok, proxy skipped, tls skipped, banner ok"), (run.ExitCode, Layers(run)));
        Assert.StartsWith("220 ready", run.Document.GetProperty("banner").GetString());
        Assert.Contains(@"220 ready \x1b[2J", (await CliRun.RunAsync("explain", $"tcp://127.0.0.1:{greeting.Port}")).Out);
    }

    [Fact]
    public async Task A_peer_that_waits_to_be_asked_is_said_to_say_nothing()
    {
        var run = await CliRun.RunAsync("explain", $"tcp://127.0.0.1:{lab.Http.Port}");
        Assert.Contains("says nothing first within 1 s", run.Out);
        var tls = await CliRun.RunAsync("explain", $"tls://127.0.0.1:{lab.Https.Port}", "--cacert", lab.CaFile, "--json");
        Assert.Equal("dns skipped, connect ok, proxy skipped, tls ok", Layers(tls));
    }

    [Fact]
    public async Task A_name_server_is_asked_over_udp()
    {
        await using var server = ScriptedDnsServer.Start(question => question.Name == "known.example" ? ScriptedDnsAnswer.Of("127.0.0.1") : ScriptedDnsAnswer.NoSuchName);
        var run = await CliRun.RunAsync("explain", $"dns://127.0.0.1:{server.Port}/known.example", "--json");
        Assert.Equal((0, "question ok"), (run.ExitCode, Layers(run)));
        Assert.Contains("known.example A: 1 record", run.Document.GetProperty("layers")[0].GetProperty("notes")[0].GetString());
        var absent = await CliRun.RunAsync("explain", $"dns://127.0.0.1:{server.Port}/absent.example");
        Assert.Contains("knows no absent.example", absent.Out);
        var silent = await CliRun.RunAsync("explain", $"dns://127.0.0.1:{await LabFixture.ClosedPortAsync()}", "--timeout", "2s", "--json");
        Assert.Equal((72, "question failed"), (silent.ExitCode, Layers(silent)));
        var denied = await CliRun.RunAsync("explain", $"dns://127.0.0.1:{server.Port}", "--policy", "public-only", "--json");
        Assert.Equal((80, "policy failed"), (denied.ExitCode, Layers(denied)));
        Assert.Equal(64, (await CliRun.RunAsync("explain", "udp://127.0.0.1:9999")).ExitCode);
    }

    private static string Layers(CliRun run) => string.Join(", ", run.Document.GetProperty("layers").EnumerateArray()
        .Select(layer => $"{layer.GetProperty("layer").GetString()} {layer.GetProperty("status").GetString()}"));
}
