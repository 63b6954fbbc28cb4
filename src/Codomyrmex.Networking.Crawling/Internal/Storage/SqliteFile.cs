using System.Globalization;
using Microsoft.Data.Sqlite;

namespace Codomyrmex.Networking.Crawling.Internal.Storage;

/// <summary>A file of state in SQLite with a write-ahead log. Its owner alone can read it, and one process has it at a time. Thread-safe by <see cref="Guarded"/>.</summary>
internal sealed class SqliteFile : IDisposable
{
    private readonly Lock _lock = new();
    private readonly string _path;
    private readonly string _hint;
    private readonly SqliteConnection _connection;

    private SqliteFile(string path, string hint)
    {
        (_path, _hint) = (path, hint);
        _connection = new SqliteConnection(new SqliteConnectionStringBuilder { DataSource = path, Mode = SqliteOpenMode.ReadWrite, Pooling = false, DefaultTimeout = 1 }.ToString());
    }

    /// <summary>Opens a file, or makes one.</summary>
    /// <param name="path">The file.</param>
    /// <param name="hint">What to try where it cannot be used.</param>
    /// <param name="use">Makes of it what it is for; where that fails, it is closed.</param>
    /// <exception cref="NetworkException">It cannot be opened, or another process has it (<c>local.io</c>).</exception>
    public static T Open<T>(string path, string hint, Func<SqliteFile, T> use)
    {
        var file = new SqliteFile(path, hint);
        try
        {
            if (!File.Exists(path))
            {
                var owner = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write };
                if (!OperatingSystem.IsWindows())
                    owner.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
                new FileStream(path, owner).Dispose();
            }
            file._connection.Open();
            return use(file);
        }
        catch (Exception error)
        {
            file.Dispose();
            if (error is SqliteException or IOException or UnauthorizedAccessException)
                throw file.Failure(error, null);
            throw;
        }
    }

    /// <summary>Makes its tables, or sees that they are ours.</summary>
    /// <param name="application">The number that says whose they are.</param>
    /// <param name="versions">The versions of the tables that can be read; the last one is written.</param>
    /// <param name="kind">What they keep, such as a crawl.</param>
    /// <param name="synchronous">FULL where a commit is to survive a loss of power, else NORMAL.</param>
    /// <param name="make">Makes them; it is told the version that is there, 0 for none.</param>
    /// <exception cref="NetworkException">They are none of ours (<c>local.io</c>).</exception>
    public void Prepare(int application, Range versions, string kind, string synchronous, Action<long> make)
    {
        // The lock first: who comes second is to see nothing half done.
        Execute("PRAGMA locking_mode = EXCLUSIVE");
        var isOurs = Number("PRAGMA application_id") == application;
        var version = Number("PRAGMA user_version");
        if (Number("SELECT count(*) FROM sqlite_master") == 0)
            version = 0;
        else if (!isOurs || version < versions.Start.Value || version > versions.End.Value)
            throw Failure(null, isOurs ? $"it was written by another version ({version})" : $"it is the state of no {kind}");
        Execute("PRAGMA journal_mode = WAL");
        Execute($"PRAGMA synchronous = {synchronous}");
        Execute("BEGIN EXCLUSIVE");
        Execute($"PRAGMA application_id = {application}");
        Execute($"PRAGMA user_version = {versions.End.Value}");
        make(version);
        Execute("COMMIT");
    }

    /// <summary>Does something with the file that nobody else does meanwhile.</summary>
    /// <exception cref="NetworkException">The file cannot be used (<c>local.io</c>).</exception>
    public T Guarded<T>(Func<T> work)
    {
        lock (_lock)
        {
            try
            {
                return work();
            }
            catch (SqliteException error)
            {
                throw Failure(error, null);
            }
        }
    }

    public int Execute(string sql)
    {
        using var command = Command(sql);
        return command.ExecuteNonQuery();
    }

    public long Number(string sql)
    {
        using var command = Command(sql);
        return Convert.ToInt64(command.ExecuteScalar(), CultureInfo.InvariantCulture);
    }

    /// <summary>A command, which the caller disposes of.</summary>
    public SqliteCommand Command(string sql, params ReadOnlySpan<(string Name, object? Value)> values)
    {
        var command = _connection.CreateCommand();
        command.CommandText = sql;
        foreach (var (name, value) in values)
            command.Parameters.Add(new SqliteParameter { ParameterName = name, Value = value });
        return command;
    }

    public void Dispose()
    {
        lock (_lock)
            _connection.Dispose();
    }

    private NetworkException Failure(Exception? inner, string? why) => new NetworkFailure
    {
        Code = ErrorCodes.LocalIo,
        Message = $"The state file {_path} cannot be used: {why ?? (inner is SqliteException { SqliteErrorCode: 5 } ? "another process has it" : inner!.Message.TrimEnd('.'))}.",
        Phase = NetworkPhase.Prepare,
        Hint = _hint,
    }.ToException(inner);
}
