using System.Buffers.Binary;
using Microsoft.Data.Sqlite;

namespace Codomyrmex.Networking.Crawling.Internal.Storage;

/// <summary>
/// A crawl on the disk: every URL with what became of it, in SQLite with a write-ahead log. One process has it at a time. What a commit has written survives the end of
/// the process, however it comes; after a loss of power the last commits may be missing, so that pages are visited again, none is lost.
/// </summary>
internal sealed class StateFile : IVisitLog, IDisposable
{
    // "CoCr", and the version of the tables.
    private const int ApplicationId = 0x436F4372;
    private const int Version = 2;

    private readonly SqliteFile _file;
    private readonly SqliteCommand _begin;
    private readonly SqliteCommand _commit;
    private readonly SqliteCommand _insert;
    private readonly SqliteCommand _mark;
    private readonly SqliteCommand _find;

    private StateFile(SqliteFile file)
    {
        _file = file;
        file.Prepare(ApplicationId, 1..Version, "crawl", "NORMAL", MakeTables);
        _begin = Command("BEGIN IMMEDIATE");
        _commit = Command("COMMIT");
        _insert = Command(
            """
            INSERT INTO pages (key, url, kind, depth, chain, redirects, referrer, crawl, state) VALUES ($key, $url, $kind, $depth, $chain, $redirects, $referrer, $crawl, $state)
            ON CONFLICT (key) DO UPDATE SET url = excluded.url, kind = excluded.kind, depth = excluded.depth, chain = excluded.chain, redirects = excluded.redirects,
                referrer = excluded.referrer, crawl = excluded.crawl, state = excluded.state
                WHERE pages.crawl <> excluded.crawl OR (pages.state = 5 AND excluded.state <> 5)
            """, "$key", "$url", "$kind", "$depth", "$chain", "$redirects", "$referrer", "$crawl", "$state");
        _mark = Command(
            """
            INSERT INTO pages (key, url, kind, depth, chain, redirects, referrer, crawl, state, status, hash, etag, modified)
            VALUES ($key, $url, $kind, $depth, $chain, $redirects, $referrer, $crawl, $state, $status, $hash, $etag, $modified)
            ON CONFLICT (key) DO UPDATE SET crawl = excluded.crawl, state = excluded.state, status = excluded.status, hash = coalesce(excluded.hash, pages.hash),
                etag = CASE WHEN excluded.status = 304 THEN coalesce(excluded.etag, pages.etag) ELSE excluded.etag END,
                modified = CASE WHEN excluded.status = 304 THEN coalesce(excluded.modified, pages.modified) ELSE excluded.modified END
            """, "$key", "$url", "$kind", "$depth", "$chain", "$redirects", "$referrer", "$crawl", "$state", "$status", "$hash", "$etag", "$modified");
        _find = Command("SELECT hash, etag, modified FROM pages WHERE key = $key", "$key");
        file.Execute("INSERT OR IGNORE INTO crawl (id, number, finished) VALUES (1, 1, 0)");
        Crawl = (int)file.Number("SELECT number FROM crawl");
        IsFinished = file.Number("SELECT finished FROM crawl") != 0;
    }

    /// <summary>Which crawl of this file it is, from 1 on: one that was not finished goes on under its number.</summary>
    public int Crawl { get; private set; }

    /// <summary>Whether that crawl has visited all there was.</summary>
    public bool IsFinished { get; private set; }

    /// <summary>Opens a file, or makes one that its owner alone can read.</summary>
    /// <exception cref="NetworkException">It cannot be opened, is none of ours, or another process has it (<c>local.io</c>).</exception>
    public static StateFile Open(string path) =>
        SqliteFile.Open(path, "Name another file, or make room for this one; a crawl goes on from what was written.", static file => new StateFile(file));

    /// <summary>All that the present crawl knows, what it has visited first.</summary>
    public List<StoredUrl> Load() => _file.Guarded(() => Read("ORDER BY state = 0, depth"));

    /// <summary>The seeds of the present crawl.</summary>
    public List<StoredUrl> Seeds() => _file.Guarded(() => Read("AND depth = 0 AND referrer IS NULL"));

    /// <summary>What the present crawl has not visited: it did not belong to it, or no longer did.</summary>
    public List<StoredUrl> LeftOut() => _file.Guarded(() => Read("AND (state = 5 OR (state = 0 AND kind = 0))"));

    /// <summary>Whether this crawl or an earlier one knows a URL.</summary>
    public bool Knows(UInt128 key) => _file.Guarded(() =>
    {
        using var command = Command("SELECT count(*) FROM pages WHERE key = $key", "$key");
        command.Parameters[0].Value = Bytes(key);
        return Convert.ToInt64(command.ExecuteScalar(), System.Globalization.CultureInfo.InvariantCulture) > 0;
    });

    /// <summary>The crawl goes on, also one that was finished.</summary>
    public void GoOn() => _file.Guarded(() =>
    {
        IsFinished = false;
        return _file.Execute("UPDATE crawl SET finished = 0");
    });

    /// <summary>
    /// A finished crawl is followed by one that visits again what was there, and keeps what it knew of it. What was missing is not looked for again, unless a link leads there, and
    /// what did not belong to it is kept for one to which it does.
    /// </summary>
    public void BeginNext() => _file.Guarded(() =>
    {
        Write(() =>
        {
            _file.Execute("UPDATE crawl SET number = number + 1, finished = 0");
            return _file.Execute(
                """
                UPDATE pages SET crawl = (SELECT number FROM crawl), state = CASE WHEN state = 5 THEN 5 ELSE 0 END
                WHERE state <> 4 AND (status IS NULL OR status NOT IN (404, 410))
                """);
        });
        IsFinished = false;
        return Crawl++;
    });

    public StoredPage? Find(UInt128 key)
    {
        if (Crawl == 1)
            return null;
        return _file.Guarded(() =>
        {
            _find.Parameters[0].Value = Bytes(key);
            using var reader = _find.ExecuteReader();
            return reader.Read()
                ? new StoredPage(reader.IsDBNull(0) ? null : (byte[])reader[0], reader.IsDBNull(1) ? null : reader.GetString(1), reader.IsDBNull(2) ? null : reader.GetString(2))
                : null;
        });
    }

    public void Add(IReadOnlyList<Visit> found, IReadOnlyList<StoredUrl> leftOut) => _file.Guarded(() => Write(() => Insert(found, leftOut)));

    public void Forbid(IReadOnlyList<Visit> visits) => _file.Guarded(() => Write(() =>
    {
        foreach (var visit in visits)
            Mark(visit, PageOutcome.Forbidden, null, null);
        return visits.Count;
    }));

    public void Close(Visit visit, PageOutcome outcome, int? status, StoredPage? page, IReadOnlyList<Visit> found, IReadOnlyList<StoredUrl> leftOut) => _file.Guarded(() => Write(() =>
    {
        Insert(found, leftOut);
        return Mark(visit, outcome, status, page);
    }));

    private int Mark(Visit visit, PageOutcome outcome, int? status, StoredPage? page)
    {
        Fill(_mark, StoredUrl.Of(visit) with { Outcome = outcome });
        var values = _mark.Parameters;
        values["$status"].Value = status ?? (object)DBNull.Value;
        values["$hash"].Value = page?.Hash ?? (object)DBNull.Value;
        values["$etag"].Value = page?.ETag ?? (object)DBNull.Value;
        values["$modified"].Value = page?.LastModified ?? (object)DBNull.Value;
        return _mark.ExecuteNonQuery();
    }

    /// <summary>The crawl has visited all there was; the next run is another one.</summary>
    public void Finish() => _file.Guarded(() => _file.Execute("UPDATE crawl SET finished = 1"));

    public void Dispose()
    {
        _file.Guarded(() =>
        {
            foreach (var command in (SqliteCommand[])[_begin, _commit, _insert, _mark, _find])
                command.Dispose();
            return 0;
        });
        _file.Dispose();
    }

    private void MakeTables(long before)
    {
        _file.Execute("CREATE TABLE IF NOT EXISTS crawl (id INTEGER PRIMARY KEY CHECK (id = 1), number INTEGER NOT NULL, finished INTEGER NOT NULL)");
        _file.Execute(
            """
            CREATE TABLE IF NOT EXISTS pages (key BLOB PRIMARY KEY, url TEXT NOT NULL, depth INTEGER NOT NULL, chain INTEGER NOT NULL, redirects INTEGER NOT NULL,
                referrer TEXT, crawl INTEGER NOT NULL, state INTEGER NOT NULL, status INTEGER, hash BLOB, etag TEXT, modified TEXT, kind INTEGER NOT NULL DEFAULT 0) WITHOUT ROWID
            """);
        if (before != 1)
            return;
        _file.Execute("ALTER TABLE pages ADD COLUMN kind INTEGER NOT NULL DEFAULT 0");
        // What its pages lead to outside of the crawl was not written down: the next visits have to read them.
        _file.Execute("UPDATE pages SET etag = NULL, modified = NULL");
    }

    private List<StoredUrl> Read(string which)
    {
        using var command = Command($"SELECT key, url, kind, depth, chain, redirects, referrer, state, hash, status FROM pages WHERE crawl = $crawl {which}", "$crawl");
        command.Parameters[0].Value = Crawl;
        using var reader = command.ExecuteReader();
        var urls = new List<StoredUrl>();
        while (reader.Read())
        {
            urls.Add(new StoredUrl(
                BinaryPrimitives.ReadUInt128BigEndian((byte[])reader[0]), reader.GetString(1), (VisitKind)reader.GetInt32(2), reader.GetInt32(3), reader.GetInt32(4), reader.GetInt32(5),
                reader.IsDBNull(6) ? null : reader.GetString(6), (PageOutcome)reader.GetInt32(7))
            {
                Hash = reader.IsDBNull(8) ? null : (byte[])reader[8],
                Status = reader.IsDBNull(9) ? null : reader.GetInt32(9),
            });
        }
        return urls;
    }

    private int Insert(IReadOnlyList<Visit> found, IReadOnlyList<StoredUrl> leftOut)
    {
        foreach (var visit in found)
        {
            Fill(_insert, StoredUrl.Of(visit));
            _insert.ExecuteNonQuery();
        }
        foreach (var url in leftOut)
        {
            Fill(_insert, url);
            _insert.ExecuteNonQuery();
        }
        return found.Count + leftOut.Count;
    }

    private void Fill(SqliteCommand command, in StoredUrl url)
    {
        var values = command.Parameters;
        values["$key"].Value = Bytes(url.Key);
        values["$url"].Value = url.Url;
        values["$kind"].Value = (int)url.Kind;
        values["$depth"].Value = url.Depth;
        values["$chain"].Value = url.Chain;
        values["$redirects"].Value = url.Redirects;
        values["$referrer"].Value = url.Referrer ?? (object)DBNull.Value;
        values["$crawl"].Value = Crawl;
        values["$state"].Value = (int)url.Outcome;
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
            _file.Execute("ROLLBACK");
        }
        catch (SqliteException)
        {
            // A full disk has rolled it back already.
        }
    }

    private static byte[] Bytes(UInt128 key)
    {
        var bytes = new byte[16];
        BinaryPrimitives.WriteUInt128BigEndian(bytes, key);
        return bytes;
    }

    private SqliteCommand Command(string sql, params string[] parameters) => _file.Command(sql, [.. parameters.Select(static name => (name, (object?)null))]);
}
