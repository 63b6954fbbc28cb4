using System.Globalization;
using Npgsql;
using Orleans.Storage;

namespace Codomyrmex.Networking.Fleet.Internal.Storage;

/// <summary>The state of grains in PostgreSQL: a document for each with the number of its version, replaced where that is still the one that was read.</summary>
internal sealed class PostgresStorage(PostgresDatabase database, IGrainStorageSerializer serializer) : IGrainStorage
{
    public Task ReadStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState) => AskAsync(async () =>
    {
        await using var command = database.Command("SELECT data, version FROM codonet_fleet_state WHERE grain = $1", KeyOf(stateName, grainId));
        await using var reader = await command.ExecuteReaderAsync();
        grainState.RecordExists = await reader.ReadAsync();
        grainState.ETag = grainState.RecordExists ? Text(reader.GetInt64(1)) : null!;
        if (grainState.RecordExists)
            grainState.State = serializer.Deserialize<T>(new BinaryData(reader.GetFieldValue<byte[]>(0)));
    });

    public Task WriteStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState) => AskAsync(async () =>
    {
        var (key, before) = (KeyOf(stateName, grainId), VersionOf(grainState.ETag));
        var data = serializer.Serialize(grainState.State).ToArray();
        await using var command = before == 0
            ? database.Command("INSERT INTO codonet_fleet_state (grain, version, data) VALUES ($1, 1, $2) ON CONFLICT (grain) DO NOTHING", key, data)
            : database.Command("UPDATE codonet_fleet_state SET version = version + 1, data = $2 WHERE grain = $1 AND version = $3", key, data, before);
        if (await command.ExecuteNonQueryAsync() == 0)
            throw Conflict(stateName, grainId, before);
        grainState.ETag = Text(before + 1);
        grainState.RecordExists = true;
    });

    public Task ClearStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState) => AskAsync(async () =>
    {
        var before = VersionOf(grainState.ETag);
        await using var command = database.Command("DELETE FROM codonet_fleet_state WHERE grain = $1 AND version = $2", KeyOf(stateName, grainId), before);
        if (await command.ExecuteNonQueryAsync() == 0 && before != 0)
            throw Conflict(stateName, grainId, before);
        grainState.ETag = null!;
        grainState.RecordExists = false;
    });

    // What goes wrong travels to whoever called the grain, and an exception of the driver's does not.
    private static async Task AskAsync(Func<Task> ask)
    {
        try
        {
            await ask();
        }
        catch (NpgsqlException error)
        {
            throw new OrleansException($"PostgreSQL: {error.GetBaseException().Message}");
        }
    }

    private static string KeyOf(string stateName, GrainId grain) => $"{grain}/{stateName}";

    private static string Text(long version) => version.ToString(CultureInfo.InvariantCulture);

    private static long VersionOf(string? etag) => etag is null ? 0 : long.Parse(etag, CultureInfo.InvariantCulture);

    private static InconsistentStateException Conflict(string stateName, GrainId grain, long version) =>
        new($"The state '{stateName}' of {grain} is no longer the one that was read (version {version}).");
}
