using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

namespace Codomyrmex.Networking.Http.Internal;

/// <summary>
/// The part of a cache that outlives the process: one file a URL, written beside and moved into place. What cannot be read is treated as not there; what cannot be written is
/// lost without harm. Called under the cache's lock.
/// </summary>
internal sealed class CacheDirectory
{
    private const string Suffix = ".cache";
    private const int LongestHead = 1024 * 1024;

    private readonly string _path;
    private readonly long _limit;
    private long _bytes;

    public CacheDirectory(string path, long limit)
    {
        (_path, _limit) = (path, limit);
        if (OperatingSystem.IsWindows())
            Directory.CreateDirectory(path);
        else
            Directory.CreateDirectory(path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        _bytes = Files().Sum(file => file.Length);
    }

    public List<CacheEntry> Read(string url)
    {
        var path = PathOf(url);
        try
        {
            if (!File.Exists(path))
                return [];
            var entries = Parse(File.ReadAllBytes(path), url);
            File.SetLastWriteTimeUtc(path, TimeProvider.System.GetUtcNow().UtcDateTime);
            return entries;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException or JsonException)
        {
            return [];
        }
    }

    public void Write(string url, List<CacheEntry> entries)
    {
        var path = PathOf(url);
        var beside = Path.Combine(_path, Path.GetRandomFileName());
        try
        {
            var before = Length(path);
            using (var file = new FileStream(beside, Options()))
            {
                foreach (var entry in entries)
                    Append(file, entry);
                _bytes += file.Length - before;
            }
            File.Move(beside, path, overwrite: true);
            MakeRoom();
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            Delete(beside);
        }
    }

    public void Remove(string url)
    {
        var path = PathOf(url);
        _bytes -= Length(path);
        Delete(path);
    }

    public void Clear()
    {
        foreach (var file in Files())
            Delete(file.FullName);
        _bytes = 0;
    }

    // Two lengths, the record as JSON, the body; entry after entry.
    private static void Append(FileStream file, CacheEntry entry)
    {
        var head = JsonSerializer.SerializeToUtf8Bytes(entry.Record, CacheJson.Default.CacheRecord);
        file.Write(BitConverter.GetBytes(head.Length));
        file.Write(BitConverter.GetBytes(entry.Body.Length));
        file.Write(head);
        file.Write(entry.Body.Span);
    }

    private static List<CacheEntry> Parse(byte[] bytes, string url)
    {
        var entries = new List<CacheEntry>();
        var rest = bytes.AsMemory();
        while (rest.Length >= 8)
        {
            var (head, body) = (BitConverter.ToInt32(rest.Span), BitConverter.ToInt32(rest.Span[4..]));
            rest = rest[8..];
            if (head is < 0 or > LongestHead || body < 0 || (long)head + body > rest.Length)
                return [];
            // A file of another URL under this name would be an answer to a question never asked.
            if (JsonSerializer.Deserialize(rest.Span[..head], CacheJson.Default.CacheRecord) is not { IsSound: true } record || record.Url != url)
                return [];
            entries.Add(new CacheEntry(record, rest.Slice(head, body)));
            rest = rest[(head + body)..];
        }
        return entries;
    }

    private void MakeRoom()
    {
        if (_bytes <= _limit)
            return;
        foreach (var file in Files().OrderBy(file => file.LastWriteTimeUtc))
        {
            if (_bytes <= _limit * 9 / 10)
                return;
            _bytes -= file.Length;
            Delete(file.FullName);
        }
    }

    private FileInfo[] Files() => new DirectoryInfo(_path).GetFiles("*" + Suffix);

    private string PathOf(string url) => Path.Combine(_path, Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(url))) + Suffix);

    private static FileStreamOptions Options()
    {
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows())
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        return options;
    }

    private static long Length(string path) => new FileInfo(path) is { Exists: true, Length: var length } ? length : 0;

    private static void Delete(string path)
    {
        try
        {
            File.Delete(path);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            // It stays until the next writing or clearing.
        }
    }
}
