using System.Buffers.Binary;
using Microsoft.Data.Sqlite;

namespace Codomyrmex.Networking.Crawling.Internal.Storage;

/// <summary>
/// A crawl on the disk: every URL with what became of it, in SQLite with a write-ahead log. One process has it at a time. What a commit has written survives the end of
/// the process, however it comes; after a loss of power the last commits may be missing, so that pages are visited again, none is lost.
/// </summary>
internal sealed class StateFile : IDisposable
{
    // "CoCr", and the version of the tables.
    private const int ApplicationId = 0x436F4372;
    private const int Version = 1;

    private readonly Lock _lock = new();
    private readonly string _path;
    private readonly SqliteConnection _connection;
    private readonly SqliteCommand _begin;
    private readonly SqliteCommand _commit;
    private readonly SqliteCommand _insert;
    private readonly SqliteCommand _mark;
    private readonly SqliteCommand _find;

    private StateFile(string path, SqliteConnection connection)
    {
        (_path, _connection) = (path, connection);
        Prepare();
        _begin = Command("BEGIN IMMEDIATE");
        _commit = Command("COMMIT");
        _insert = Command(
            """
            INSERT INTO pages (key, url, depth, chain, redirects, referrer, crawl, state) VALUES ($key, $url, $depth, $chain, $redirects, $referrer, $crawl, 0)
            ON CONFLICT (key) DO UPDATE SET url = excluded.url, depth = excluded.depth, chain = excluded.chain, redirects = excluded.redirects,
                referrer = excluded.referrer, crawl = excluded.crawl, state = 0 WHERE pages.crawl <> excluded.crawl
            """, "$key", "$url", "$depth", "$chain", "$redirects", "$referrer", "$crawl");
        _mark = Command(
            """
            INSERT INTO pages (key, url, depth, chain, redirects, referrer, crawl, state, status, hash, etag, modified)
            VALUES ($key, $url, $depth, $chain, $redirects, $referrer, $crawl, $state, $status, $hash, $etag, $modified)
            ON CONFLICT (key) DO UPDATE SET crawl = excluded.crawl, state = excluded.state, status = excluded.status, hash = coalesce(excluded.hash, pages.hash),
                etag = CASE WHEN excluded.status = 304 THEN coalesce(excluded.etag, pages.etag) ELSE excluded.etag END,
                modified = CASE WHEN excluded.status = 304 THEN coalesce(excluded.modified, pages.modified) ELSE excluded.modified END
            """, "$key", "$url", "$depth", "$chain", "$redirects", "$referrer", "$crawl", "$state", "$status", "$hash", "$etag", "$modified");
        _find = Command("SELECT hash, etag, modified FROM pages WHERE key = $key", "$key");
        Crawl = BeginCrawl();
    }

    /// <summary>Which crawl of this file it is, from 1 on: one that was not finished goes on under its number.</summary>
    public int Crawl { get; }

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

    /// <summary>All that the present crawl knows, what it has visited first.</summary>
    public List<StoredUrl> Load() => Guarded(() =>
    {
        using var command = Command("SELECT key, url, depth, chain, redirects, referrer, state, hash, status FROM pages WHERE crawl = $crawl ORDER BY state = 0, depth", "$crawl");
        command.Parameters[0].Value = Crawl;
        using var reader = command.ExecuteReader();
        var urls = new List<StoredUrl>();
        while (reader.Read())
        {
            urls.Add(new StoredUrl(
                BinaryPrimitives.ReadUInt128BigEndian((byte[])reader[0]), reader.GetString(1), reader.GetInt32(2), reader.GetInt32(3), reader.GetInt32(4),
                reader.IsDBNull(5) ? null : reader.GetString(5), (PageOutcome)reader.GetInt32(6), reader.IsDBNull(7) ? null : (byte[])reader[7],
                reader.IsDBNull(8) ? null : reader.GetInt32(8)));
        }
        return urls;
    });

    /// <summary>What an earlier crawl knows of a page; null where none does.</summary>
    public StoredPage? Find(UInt128 key)
    {
        if (Crawl == 1)
            return null;
        return Guarded(() =>
        {
            _find.Parameters[0].Value = Bytes(key);
            using var reader = _find.ExecuteReader();
            return reader.Read()
                ? new StoredPage(reader.IsDBNull(0) ? null : (byte[])reader[0], reader.IsDBNull(1) ? null : reader.GetString(1), reader.IsDBNull(2) ? null : reader.GetString(2))
                : null;
        });
    }

    /// <summary>Writes down what was found, in one commit.</summary>
    public void Add(IReadOnlyList<Visit> found) => Guarded(() => Write(() => Insert(found)));

    /// <summary>Writes down what became of a URL and what was found there, in one commit.</summary>
    public void Close(Visit visit, PageOutcome outcome, int? status, StoredPage? page, IReadOnlyList<Visit> found) => Guarded(() => Write(() =>
    {
        Insert(found);
        Fill(_mark, visit);
        var values = _mark.Parameters;
        values["$state"].Value = (int)outcome;
        values["$status"].Value = status ?? (object)DBNull.Value;
        values["$hash"].Value = page?.Hash ?? (object)DBNull.Value;
        values["$etag"].Value = page?.ETag ?? (object)DBNull.Value;
        values["$modified"].Value = page?.LastModified ?? (object)DBNull.Value;
        return _mark.ExecuteNonQuery();
    }));

    /// <summary>The crawl has visited all there was; the next run is another one.</summary>
    public void Finish() => Guarded(() => Execute("UPDATE crawl SET finished = 1"));

    public void Dispose()
    {
        lock (_lock)
        {
            foreach (var command in (SqliteCommand[])[_begin, _commit, _insert, _mark, _find])
                command.Dispose();
            _connection.Dispose();
        }
    }

    private void Prepare()
    {
        // The lock first: who comes second is to see nothing half done.
        Execute("PRAGMA locking_mode = EXCLUSIVE");
        var id = Number("PRAGMA application_id");
        var version = Number("PRAGMA user_version");
        var isEmpty = Number("SELECT count(*) FROM sqlite_master") == 0;
        if (!isEmpty && (id != ApplicationId || version != Version))
            throw Failure(_path, null, id == ApplicationId ? $"it was written by another version ({version})" : "it is the state of no crawl");
        Execute("PRAGMA journal_mode = WAL");
        Execute("PRAGMA synchronous = NORMAL");
        Execute("BEGIN EXCLUSIVE");
        Execute($"PRAGMA application_id = {ApplicationId}");
        Execute($"PRAGMA user_version = {Version}");
        Execute("CREATE TABLE IF NOT EXISTS crawl (id INTEGER PRIMARY KEY CHECK (id = 1), number INTEGER NOT NULL, finished INTEGER NOT NULL)");
        Execute(
            """
            CREATE TABLE IF NOT EXISTS pages (key BLOB PRIMARY KEY, url TEXT NOT NULL, depth INTEGER NOT NULL, chain INTEGER NOT NULL, redirects INTEGER NOT NULL,
                referrer TEXT, crawl INTEGER NOT NULL, state INTEGER NOT NULL, status INTEGER, hash BLOB, etag TEXT, modified TEXT) WITHOUT ROWID
            """);
        Execute("COMMIT");
    }

    // A finished crawl is followed by one that visits again what was there, and keeps what it knew of it. What was missing is not looked for again, unless a link leads there.
    private int BeginCrawl()
    {
        Execute("INSERT OR IGNORE INTO crawl (id, number, finished) VALUES (1, 1, 0)");
        var number = (int)Number("SELECT number FROM crawl");
        if (Number("SELECT finished FROM crawl") == 0)
            return number;
        Execute("BEGIN IMMEDIATE");
        Execute("UPDATE crawl SET number = number + 1, finished = 0");
        Execute("UPDATE pages SET crawl = (SELECT number FROM crawl), state = 0 WHERE state <> 4 AND (status IS NULL OR status NOT IN (404, 410))");
        Execute("COMMIT");
        return number + 1;
    }

    private int Insert(IReadOnlyList<Visit> found)
    {
        foreach (var visit in found)
        {
            Fill(_insert, visit);
            _insert.ExecuteNonQuery();
        }
        return found.Count;
    }

    private void Fill(SqliteCommand command, Visit visit)
    {
        var values = command.Parameters;
        values["$key"].Value = Bytes(visit.Key);
        values["$url"].Value = visit.Url;
        values["$depth"].Value = visit.Depth;
        values["$chain"].Value = visit.Chain;
        values["$redirects"].Value = visit.Redirects;
        values["$referrer"].Value = visit.Referrer ?? (object)DBNull.Value;
        values["$crawl"].Value = Crawl;
    }

    private int Write(Func<int> write)
    {
        _begin.ExecuteNonQuery();
        try
        {
            var count = write();
            _commit.ExecuteNonQuery();
            return count;
        }
        catch
        {
            Roll();
            throw;
        }
    }

    private void Roll()
    {
        try
        {
            Execute("ROLLBACK");
        }
        catch (SqliteException)
        {
            // A full disk has rolled it back already.
        }
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
        Hint = "Name another file, or make room for this one; a crawl goes on from what was written.",
    }.ToException(inner);

    private static byte[] Bytes(UInt128 key)
    {
        var bytes = new byte[16];
        BinaryPrimitives.WriteUInt128BigEndian(bytes, key);
        return bytes;
    }

    private int Execute(string sql)
    {
        using var command = Command(sql);
        return command.ExecuteNonQuery();
    }

    private long Number(string sql)
    {
        using var command = Command(sql);
        return Convert.ToInt64(command.ExecuteScalar(), System.Globalization.CultureInfo.InvariantCulture);
    }

    private SqliteCommand Command(string sql, params string[] parameters)
    {
        var command = _connection.CreateCommand();
        command.CommandText = sql;
        foreach (var name in parameters)
            command.Parameters.Add(new SqliteParameter { ParameterName = name });
        return command;
    }
}
