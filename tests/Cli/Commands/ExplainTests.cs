using System.Text.Json;

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

    private static string Layers(CliRun run) => string.Join(", ", run.Document.GetProperty("layers").EnumerateArray()
        .Select(layer => $"{layer.GetProperty("layer").GetString()} {layer.GetProperty("status").GetString()}"));
}
