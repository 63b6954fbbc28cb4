using Codomyrmex.Networking.Crawling.Internal.Storage;

namespace Codomyrmex.Networking.Fleet.Internal.Storage;

/// <summary>
/// The state of one machine's grains on its disk: a document for each grain with the number of its version, in SQLite with a write-ahead log that is synced at every commit.
/// One process has it at a time.
/// </summary>
internal sealed class StateFile : IDisposable
{
    // "CoFl", and the version of the tables.
    private const int ApplicationId = 0x436F466C;
    private const int Version = 1;

    private readonly SqliteFile _file;

    private StateFile(SqliteFile file)
    {
        _file = file;
        file.Prepare(ApplicationId, Version..Version, "fleet", "FULL", _ => file.Execute("CREATE TABLE IF NOT EXISTS state (grain TEXT PRIMARY KEY, version INTEGER NOT NULL, data BLOB NOT NULL)"));
    }

    /// <summary>Opens a file, or makes one that its owner alone can read.</summary>
    /// <exception cref="NetworkException">It cannot be opened, is none of ours, or another process has it (<c>local.io</c>).</exception>
    public static StateFile Open(string path) =>
        SqliteFile.Open(path, "Name another file, or make room for this one; what was written is there when it starts again.", static file => new StateFile(file));

    /// <summary>A grain's document and its version; null where there is none.</summary>
    public (byte[] Data, long Version)? Read(string grain) => _file.Guarded(() =>
    {
        using var command = _file.Command("SELECT data, version FROM state WHERE grain = $grain", ("$grain", grain));
        using var reader = command.ExecuteReader();
        return reader.Read() ? ((byte[])reader[0], reader.GetInt64(1)) : ((byte[], long)?)null;
    });

    /// <summary>Replaces a document where it still has the version that was read; 0 for one that there is not yet. The new version; null where another one came first.</summary>
    public long? Write(string grain, byte[] data, long version) => _file.Guarded(() =>
    {
        using var command = version == 0
            ? _file.Command("INSERT INTO state (grain, version, data) VALUES ($grain, 1, $data) ON CONFLICT (grain) DO NOTHING", ("$grain", grain), ("$data", data))
            : _file.Command("UPDATE state SET version = version + 1, data = $data WHERE grain = $grain AND version = $version", ("$grain", grain), ("$data", data), ("$version", version));
        return command.ExecuteNonQuery() == 1 ? version + 1 : (long?)null;
    });

    /// <summary>Deletes a document where it still has the version that was read; false where it has not.</summary>
    public bool Delete(string grain, long version) => _file.Guarded(() =>
    {
        using var command = _file.Command("DELETE FROM state WHERE grain = $grain AND version = $version", ("$grain", grain), ("$version", version));
        return command.ExecuteNonQuery() == 1 || version == 0;
    });

    public void Dispose() => _file.Dispose();
}
