using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;

namespace Codomyrmex.Networking.Crawling.Protocol;

/// <summary>
/// When two URLs are the same page: the order of parameters does not count, nor do those that only follow visitors around. What comes out is 128 bits of
/// a SHA-256: small enough to remember millions, and nobody can make two pages look the same.
/// </summary>
internal sealed class UrlIdentity
{
    private readonly bool _sorts;
    private readonly HashSet<string>.AlternateLookup<ReadOnlySpan<char>> _dropped;
    private readonly string[] _droppedBeginnings;

    /// <summary>Makes the rules.</summary>
    /// <param name="sorts">Whether the order of parameters does not count.</param>
    /// <param name="dropped">Names of parameters that do not count, in any case; <c>utm_*</c> stands for all that begin so.</param>
    public UrlIdentity(bool sorts, IReadOnlyList<string> dropped)
    {
        _sorts = sorts;
        _dropped = new HashSet<string>(dropped.Where(name => !name.EndsWith('*')), StringComparer.OrdinalIgnoreCase).GetAlternateLookup<ReadOnlySpan<char>>();
        _droppedBeginnings = [.. dropped.Where(name => name.EndsWith('*')).Select(name => name[..^1])];
    }

    /// <summary>The key of a URL in its one spelling.</summary>
    public UInt128 KeyOf(ReadOnlySpan<char> url)
    {
        var mark = url.IndexOf('?');
        var path = mark < 0 ? url : url[..mark];
        if (mark < 0 && path.IndexOf(';') < 0)
            return Hash(url);
        return Hash(Reduced(path, mark < 0 ? [] : url[(mark + 1)..]));
    }

    /// <summary>128 bits of the SHA-256 of some text.</summary>
    public static UInt128 Hash(ReadOnlySpan<char> text)
    {
        Span<byte> bytes = text.Length <= 1024 ? stackalloc byte[text.Length * 3] : new byte[text.Length * 3];
        return Hash(bytes[..Encoding.UTF8.GetBytes(text, bytes)]);
    }

    /// <summary>128 bits of the SHA-256 of some bytes.</summary>
    public static UInt128 Hash(ReadOnlySpan<byte> bytes)
    {
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(bytes, hash);
        return BinaryPrimitives.ReadUInt128BigEndian(hash);
    }

    private string Reduced(ReadOnlySpan<char> path, ReadOnlySpan<char> query)
    {
        var kept = new List<string>();
        foreach (var part in query.Split('&'))
        {
            var parameter = query[part];
            var equals = parameter.IndexOf('=');
            if (!parameter.IsEmpty && !IsDropped(equals < 0 ? parameter : parameter[..equals]))
                kept.Add(parameter.ToString());
        }
        if (_sorts)
            kept.Sort(StringComparer.Ordinal);
        return kept.Count == 0 ? WithoutSession(path) : $"{WithoutSession(path)}?{string.Join('&', kept)}";
    }

    // ";jsessionid=…" is a parameter that stands in the path.
    private string WithoutSession(ReadOnlySpan<char> path)
    {
        var at = path.LastIndexOf(';');
        var equals = at < 0 ? -1 : path[at..].IndexOf('=');
        return equals > 0 && path[at..].IndexOf('/') < 0 && IsDropped(path[(at + 1)..(at + equals)]) ? path[..at].ToString() : path.ToString();
    }

    private bool IsDropped(ReadOnlySpan<char> name)
    {
        if (_dropped.Contains(name))
            return true;
        foreach (var beginning in _droppedBeginnings)
        {
            if (name.StartsWith(beginning, StringComparison.OrdinalIgnoreCase))
                return true;
        }
        return false;
    }
}
