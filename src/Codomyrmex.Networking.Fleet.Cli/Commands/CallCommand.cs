using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Codomyrmex.Networking.Cli;
using Codomyrmex.Networking.Cli.Commands;
using Codomyrmex.Networking.Cli.Parsing;
using Codomyrmex.Networking.Cli.Rendering;
using Codomyrmex.Networking.Rpc;
using Codomyrmex.Networking.Transport;

namespace Codomyrmex.Networking.Fleet.Cli.Commands;

/// <summary><c>call</c>: calls an agent by its name.</summary>
internal static class CallCommand
{
    private static readonly TimeSpan LeastWait = TimeSpan.FromMilliseconds(100);
    private static readonly JsonTypeInfo<JsonElement> Json = (JsonTypeInfo<JsonElement>)JsonSerializerOptions.Default.GetTypeInfo(typeof(JsonElement));

    public static Command Make() => new("call", "NAME METHOD [JSON]", "call an agent of the fleet by its name",
        [FleetOptionTable.Calling, FleetOptionTable.Connection, ConnectionOptions.Permission, GeneralOptions.Plain], RunAsync)
    {
        Program = FleetCommands.Program,
        LeastPositionals = 2,
        MostPositionals = 3,
        Details =
        [
            "The parameters are JSON: an object has them by name, a list by position, anything else is the only one; - reads them from standard input. The agent is told how long is waited.",
            "With --json: {\"agent\":\"…\",\"method\":\"…\",\"result\":…,\"elapsedMs\":…}. With --stream as well, each item is a line {\"item\":…}, and the last line is {\"summary\":{\"agent\":\"…\",\"method\":\"…\"," +
            "\"items\":…,\"elapsedMs\":…}}; with --notify it is {\"agent\":\"…\",\"method\":\"…\",\"elapsedMs\":…}.",
        ],
        Examples = ["call summariser summarise '{\"text\":\"…\"}' --timeout 10s", "call log follow --stream --json", "call cache clear --notify"],
    };

    private static async Task<int> RunAsync(Invocation run)
    {
        var arguments = run.Arguments;
        if (arguments.Has(FleetOptionTable.Stream) && arguments.Has(FleetOptionTable.Notify))
            throw new UsageException("--stream and --notify exclude each other: nobody answers a notification.", FleetOptionTable.Stream.Name);
        var (name, method) = (arguments.Positionals[0], arguments.Positionals[1]);
        var parameters = await ReadAsync(run);
        var start = run.Context.Clock.GetTimestamp();
        var options = new RpcCallOptions { Deadline = Deadline.After(arguments.Value(FleetOptionTable.Timeout, DurationText.Parse) ?? RpcOptions.Default.CallTimeout, run.Context.Clock) };
        var client = FleetSettings.ReadClient(run);
        if (options.Deadline.Remaining is var left && left < client.Timeout)
            client = client with { Timeout = left > LeastWait ? left : LeastWait };
        await using var fleet = await FleetClient.ConnectAsync(client, run.Context.Interrupted);
        await using var agent = Find(fleet, name, run);
        if (arguments.Has(FleetOptionTable.Notify))
        {
            await agent.NotifyAsync(method, parameters, Json, options, run.Context.Interrupted);
            if (run.IsJson)
                JsonOutput.Write(run.Context.Out, WriteEnd);
        }
        else if (arguments.Has(FleetOptionTable.Stream))
        {
            var items = 0L;
            await foreach (var item in agent.StreamAsync(method, parameters, Json, Json, options, run.Context.Interrupted))
            {
                items++;
                Show(run, "item", item);
            }
            if (run.IsJson)
            {
                JsonOutput.Write(run.Context.Out, writer =>
                {
                    writer.WriteStartObject("summary");
                    WriteEnd(writer);
                    writer.WriteNumber("items", items);
                    writer.WriteEndObject();
                });
            }
        }
        else
        {
            Show(run, "result", await agent.CallAsync(method, parameters, Json, Json, options, run.Context.Interrupted), WriteEnd);
        }
        return ExitCodes.Done;

        void WriteEnd(Utf8JsonWriter writer)
        {
            writer.WriteString("agent", name);
            writer.WriteString("method", method);
            writer.WriteNumber("elapsedMs", Math.Round(run.Context.Clock.GetElapsedTime(start).TotalMilliseconds, 1));
        }
    }

    private static void Show(Invocation run, string what, JsonElement value, Action<Utf8JsonWriter>? more = null)
    {
        if (run.IsJson)
        {
            JsonOutput.Write(run.Context.Out, writer =>
            {
                more?.Invoke(writer);
                writer.WritePropertyName(what);
                value.WriteTo(writer);
            });
            return;
        }
        JsonText.TryWrite(run.Out, JsonSerializer.SerializeToUtf8Bytes(value, Json));
        run.Out.Flush();
    }

    private static async Task<JsonElement> ReadAsync(Invocation run)
    {
        if (run.Arguments.Positionals is not [_, _, var text])
            return JsonElement.Parse("[]");
        if (text == "-")
        {
            await using var input = run.Context.OpenInput();
            using var reader = new StreamReader(input);
            text = await reader.ReadToEndAsync(run.Context.Interrupted);
        }
        try
        {
            return JsonElement.Parse(text);
        }
        catch (JsonException wrong)
        {
            throw new UsageException($"JSON: what the method takes is no JSON: {wrong.Message}", "JSON", wrong);
        }
    }

    private static RemoteAgent Find(FleetClient fleet, string name, Invocation run)
    {
        try
        {
            return fleet.GetAgent(name, new RpcConnectOptions { Transport = TransportOptions.Default with { Policy = TransportSettings.Read(run).Policy } });
        }
        catch (ArgumentException wrong)
        {
            throw new UsageException(wrong.Message, "NAME", wrong);
        }
    }
}
