using System.Globalization;
using System.Text.Json;
using Codomyrmex.Networking.Tests.Fleet.Fixtures;

namespace Codomyrmex.Networking.Tests.Fleet;

/// <summary>Machines with agents on networks of their own, over mutual TLS and a Redis; programs on another one call them by their names.</summary>
[Collection(LabFixture.Name)]
public sealed class AgentClusterTests
{
    private const int Patience = 300_000;

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact(Timeout = Patience)]
    public async Task Agents_are_called_by_name_from_any_machine_and_come_back_elsewhere_when_theirs_is_killed_or_stands_still()
    {
        await using var lab = await FleetLab.StartAsync();
        using var told = TestContext.Current.CancellationToken.Register(() => TestContext.Current.TestOutputHelper?.WriteLine(lab.Story()));
        await lab.HaveMachinesAsync(1);
        var (two, four) = (lab.Agent(2, "worker"), lab.Agent(4, "clerk"));
        await two.PrintsAsync(static line => line == "worker serves 1", Stop);
        await four.PrintsAsync(static line => line == "clerk serves 1", Stop);
        // Of two that claim one name, the first has it and the other stands by.
        var three = lab.Agent(3, "worker", "clerk");
        await three.PrintsAsync(static line => line == "up", Stop);

        await using var late = lab.Call("call", "clerk", "wait", "\"a\"", "--timeout", "30s", "--json");
        var echo = await EchoAsync(lab, "worker");
        Assert.Equal(("m2", 1, "CN=host"), (echo.GetProperty("machine").GetString(), echo.GetProperty("number").GetInt32(), echo.GetProperty("caller").GetString()));
        Assert.InRange(echo.GetProperty("leftMs").GetDouble(), 1, 60_000);
        using var list = JsonDocument.Parse((await lab.CallAsync("agents", "--json"))[^1]);
        Assert.Equal(["clerk m4", "worker m2"], list.RootElement.GetProperty("agents").EnumerateArray().Select(static agent => $"{agent.GetProperty("name")} {agent.GetProperty("machine")}"));
        Assert.Contains("\"method\":\"tell\"", Assert.Single(await lab.CallAsync("call", "clerk", "tell", "\"news\"", "--notify", "--json")));
        await four.PrintsAsync(static line => line == "told news", Stop);

        // A reader that stands still holds the agent up, at a window and what it had read by then.
        await using (var reader = lab.Call("call", "clerk", "count", "3000", "--stream", "--json"))
        {
            await reader.PrintsAsync(static line => line.StartsWith("{\"item\"", StringComparison.Ordinal), Stop);
            reader.StandStill();
            await EchoAsync(lab, "worker");
            var read = reader.Output.Split('\n').Count(static line => line.StartsWith("{\"item\"", StringComparison.Ordinal));
            var made = four.Output.Split('\n').Where(static line => line.StartsWith("item ", StringComparison.Ordinal)).Max(static line => int.Parse(line[5..], CultureInfo.InvariantCulture));
            Assert.InRange(made, read, Math.Min(read + 45, 2900));
            reader.GoOn();
            Assert.Contains("\"items\":3000", (await reader.EndAsync(Stop))[^1]);
        }

        // A deadline ends both sides.
        Fails(await late.EndAsync(Stop), ErrorCodes.TimeoutTotal, "yes");
        await four.PrintsAsync(static line => line == "gave up a", Stop);

        await using var first = lab.Call("call", "worker", "wait", "\"b\"", "--json");
        await using var second = lab.Call("call", "clerk", "wait", "\"c\"", "--json");
        await two.PrintsAsync(static line => line == "waits b", Stop);
        await four.PrintsAsync(static line => line == "waits c", Stop);
        // One machine is killed: whoever waits learns it at once. Another stands still: whoever waits learns it when its name is lost.
        four.StandStill();
        await two.DieAsync(Stop);
        // Its name is not free yet.
        await using var refused = lab.Call("call", "worker", "echo", "\"d\"", "--timeout", "5s", "--json");
        Fails(await first.EndAsync(Stop), ErrorCodes.RpcDisconnected, "maybe");
        Assert.False(second.HasEnded);
        Fails(await refused.EndAsync(Stop), null, "never");
        Fails(await second.EndAsync(Stop), ErrorCodes.RpcDisconnected, "maybe");
        // Both names are found where somebody stood by. Awake again, the other serves nobody.
        await three.PrintsAsync(static line => line == "worker serves 2", Stop);
        await three.PrintsAsync(static line => line == "clerk serves 2", Stop);
        four.GoOn();
        await four.PrintsAsync(static line => line == "clerk serves no longer", Stop);
        await four.PrintsAsync(static line => line == "gave up c", Stop);
        foreach (var name in (string[])["worker", "clerk"])
        {
            echo = await EchoAsync(lab, name);
            Assert.Equal(("m3", 2), (echo.GetProperty("machine").GetString(), echo.GetProperty("number").GetInt32()));
        }
    }

    private static async Task<JsonElement> EchoAsync(FleetLab lab, string name)
    {
        var lines = await lab.CallAsync("call", name, "echo", "\"x\"", "--timeout", "60s", "--json");
        var answer = JsonElement.Parse(lines[^1]);
        return answer.TryGetProperty("result", out var result) ? result : throw new InvalidOperationException(string.Join('\n', lines));
    }

    private static void Fails(string[] lines, string? code, string wasSent)
    {
        var error = JsonElement.Parse(lines[^1]).GetProperty("error");
        Assert.Equal((code ?? error.GetProperty("code").GetString(), wasSent, true), (error.GetProperty("code").GetString(), error.GetProperty("wasSent").GetString(), error.GetProperty("isTransient").GetBoolean()));
    }
}
