using Microsoft.Data.Sqlite;

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

    private readonly Lock _lock = new();
    private readonly string _path;
    private readonly SqliteConnection _connection;

    private StateFile(string path, SqliteConnection connection)
    {
        (_path, _connection) = (path, connection);
        Prepare();
    }

    /// <summary>Opens a file, or makes one that its owner alone can read.</summary>
    /// <exception cref="NetworkException">It cannot be opened, is none of ours, or another process has it (<c>local.io</c>).</exception>
    public static StateFile Open(string path)
    {
        SqliteConnection? connection = null;
        try
        {
            if (!File.Exists(path))
            {
                var owner = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write };
                if (!OperatingSystem.IsWindows())
                    owner.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
                new FileStream(path, owner).Dispose();
            }
            var settings = new SqliteConnectionStringBuilder { DataSource = path, Mode = SqliteOpenMode.ReadWrite, Pooling = false, DefaultTimeout = 1 };
            connection = new SqliteConnection(settings.ToString());
            connection.Open();
            return new StateFile(path, connection);
        }
        catch (Exception error) when (error is SqliteException or IOException or UnauthorizedAccessException)
        {
            connection?.Dispose();
            throw Failure(path, error);
        }
        catch
        {
            connection?.Dispose();
            throw;
        }
    }

    /// <summary>A grain's document and its version; null where there is none.</summary>
    public (byte[] Data, long Version)? Read(string grain) => Guarded(() =>
    {
        using var command = Command("SELECT data, version FROM state WHERE grain = $grain", ("$grain", grain));
        using var reader = command.ExecuteReader();
        return reader.Read() ? ((byte[])reader[0], reader.GetInt64(1)) : ((byte[], long)?)null;
    });

    /// <summary>Replaces a document where it still has the version that was read; 0 for one that there is not yet. The new version; null where another one came first.</summary>
    public long? Write(string grain, byte[] data, long version) => Guarded(() =>
    {
        using var command = version == 0
            ? Command("INSERT INTO state (grain, version, data) VALUES ($grain, 1, $data) ON CONFLICT (grain) DO NOTHING", ("$grain", grain), ("$data", data))
            : Command("UPDATE state SET version = version + 1, data = $data WHERE grain = $grain AND version = $version", ("$grain", grain), ("$data", data), ("$version", version));
        return command.ExecuteNonQuery() == 1 ? version + 1 : (long?)null;
    });

    /// <summary>Deletes a document where it still has the version that was read; false where it has not.</summary>
    public bool Delete(string grain, long version) => Guarded(() =>
    {
        using var command = Command("DELETE FROM state WHERE grain = $grain AND version = $version", ("$grain", grain), ("$version", version));
        return command.ExecuteNonQuery() == 1 || version == 0;
    });

    public void Dispose()
    {
        lock (_lock)
            _connection.Dispose();
    }

    private void Prepare()
    {
        // The lock first: who comes second is to see nothing half done.
        Execute("PRAGMA locking_mode = EXCLUSIVE");
        var id = Number("PRAGMA application_id");
        var version = Number("PRAGMA user_version");
        if (Number("SELECT count(*) FROM sqlite_master") > 0 && (id != ApplicationId || version != Version))
            throw Failure(_path, null, id == ApplicationId ? $"it was written by another version ({version})" : "it is the state of no fleet");
        Execute("PRAGMA journal_mode = WAL");
        Execute("PRAGMA synchronous = FULL");
        Execute("BEGIN EXCLUSIVE");
        Execute($"PRAGMA application_id = {ApplicationId}");
        Execute($"PRAGMA user_version = {Version}");
        Execute("CREATE TABLE IF NOT EXISTS state (grain TEXT PRIMARY KEY, version INTEGER NOT NULL, data BLOB NOT NULL)");
        Execute("COMMIT");
    }

    private T Guarded<T>(Func<T> work)
    {
        lock (_lock)
        {
            try
            {
                return work();
            }
            catch (SqliteException error)
            {
                throw Failure(_path, error);
            }
        }
    }

    private static NetworkException Failure(string path, Exception? inner, string? why = null) => new NetworkFailure
    {
        Code = ErrorCodes.LocalIo,
        Message = $"The state file {path} cannot be used: {why ?? (inner is SqliteException { SqliteErrorCode: 5 } ? "another process has it" : inner!.Message.TrimEnd('.'))}.",
        Phase = NetworkPhase.Prepare,
        Hint = "Name another file, or make room for this one; what was written is there when it starts again.",
    }.ToException(inner);

    private void Execute(string sql)
    {
        using var command = Command(sql);
        command.ExecuteNonQuery();
    }

    private long Number(string sql)
    {
        using var command = Command(sql);
        return (long)command.ExecuteScalar()!;
    }

    private SqliteCommand Command(string sql, params ReadOnlySpan<(string Name, object Value)> values)
    {
        var command = _connection.CreateCommand();
        command.CommandText = sql;
        foreach (var (name, value) in values)
            command.Parameters.AddWithValue(name, value);
        return command;
    }
}
