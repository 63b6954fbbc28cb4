using Codomyrmex.Networking.Fleet;
using Codomyrmex.Networking.Tests.Integration.Fixtures;
using Microsoft.Data.Sqlite;
using Npgsql;

namespace Codomyrmex.Networking.Tests.Fleet.Fixtures;

/// <summary>What a machine keeps its state in, and what is in there.</summary>
internal sealed class FleetStore : IAsyncDisposable
{
    private readonly ServerFolder _folder = new();
    private readonly int _port = ServerProcess.FreePort();
    private readonly string _kind;
    private ServerProcess? _server;

    private FleetStore(string kind) => _kind = kind;

    /// <summary>A machine that has it.</summary>
    public FleetOptions Options => field ??= new FleetOptions
    {
        StatePath = _kind == "file" ? _folder["state.db"] : null,
        Redis = _kind == "redis" ? $"127.0.0.1:{_port}" : null,
        Postgres = _kind == "postgres" ? PostgresServer.Settings(_port) : null,
        MachinePort = ServerProcess.FreePort(),
        GatewayPort = ServerProcess.FreePort(),
    };

    /// <param name="kind"><c>file</c>, <c>redis</c> or <c>postgres</c>.</param>
    public static async Task<FleetStore> StartAsync(string kind)
    {
        var store = new FleetStore(kind);
        store._server = kind switch
        {
            "redis" => await RedisServer.StartAsync(store._port),
            "postgres" => await PostgresServer.StartAsync(store._port),
            _ => null,
        };
        return store;
    }

    /// <summary>The keys of all documents. A file can be read once its machine has stopped.</summary>
    public async Task<string[]> KeysAsync()
    {
        if (_kind == "redis")
            return [.. (await ToolRun.RunAsync("", "/usr/bin/redis-cli", "-p", $"{_port}", "--scan")).Split('\n').Where(static key => key.Contains("/state/", StringComparison.Ordinal)).Order(StringComparer.Ordinal)];
        if (_kind == "file")
        {
            await using var file = new SqliteConnection($"Data Source={_folder["state.db"]};Mode=ReadWrite;Pooling=False");
            return await KeysAsync(file, "SELECT grain FROM state ORDER BY grain");
        }
        await using var database = new NpgsqlConnection(PostgresServer.Settings(_port) + ";Pooling=false");
        return await KeysAsync(database, "SELECT grain FROM codonet_fleet_state ORDER BY grain");
    }

    public async ValueTask DisposeAsync()
    {
        if (_server is not null)
            await _server.DisposeAsync();
        _folder.Dispose();
    }

    private static async Task<string[]> KeysAsync(System.Data.Common.DbConnection connection, string sql)
    {
        await connection.OpenAsync();
        await using var command = connection.CreateCommand();
        command.CommandText = sql;
        await using var reader = await command.ExecuteReaderAsync();
        var keys = new List<string>();
        while (await reader.ReadAsync())
            keys.Add(reader.GetString(0));
        return [.. keys];
    }
}
