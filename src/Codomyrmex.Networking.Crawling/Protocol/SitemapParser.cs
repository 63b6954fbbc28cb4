using System.Globalization;
using System.Text;

namespace Codomyrmex.Networking.Crawling.Protocol;

/// <summary>
/// Reads sitemaps (sitemaps.org, version 0.9) piece by piece: sets of URLs, indexes of sitemaps, and lists with a URL a line. It knows as much of XML as they
/// need. Entities of the document's own do not exist for it: a document type is refused, so that nothing can be included or multiplied.
/// </summary>
internal sealed class SitemapParser
{
    /// <summary>The longest piece of markup, a URL with its tags: what a caller's buffer has to hold.</summary>
    public const int LongestPiece = 32 * 1024;

    private bool _hasBegun;
    private bool _isText;
    private bool _isIndex;
    private string _prefix = "";

    /// <summary>Reads what it can.</summary>
    /// <param name="data">The bytes that were not read yet.</param>
    /// <param name="isLast">Whether no more will come.</param>
    /// <param name="entries">Gets what was found.</param>
    /// <returns>How many bytes were read; those behind them have to come again, with more.</returns>
    /// <exception cref="FormatException">It is no sitemap, or none that may be read.</exception>
    public int Read(ReadOnlySpan<byte> data, bool isLast, ICollection<SitemapEntry> entries)
    {
        var at = 0;
        if (!_hasBegun)
        {
            if (data.Length < 3 && !isLast)
                return 0;
            if (data.StartsWith((ReadOnlySpan<byte>)[0xEF, 0xBB, 0xBF]))
                at = 3;
            at += Blanks(data[at..]);
            if (at == data.Length)
                return at;
            _isText = data[at] != '<';
            _hasBegun = true;
        }
        return at + (_isText ? ReadLines(data[at..], isLast, entries) : ReadMarkup(data[at..], isLast, entries));
    }

    private static int ReadLines(ReadOnlySpan<byte> data, bool isLast, ICollection<SitemapEntry> entries)
    {
        var at = 0;
        while (at < data.Length)
        {
            var end = data[at..].IndexOfAny((byte)'\n', (byte)'\r');
            if (end < 0 && !isLast)
                break;
            var line = end < 0 ? data[at..] : data.Slice(at, end);
            if (!line.Trim(" \t"u8).IsEmpty)
                entries.Add(new SitemapEntry(Encoding.UTF8.GetString(line).Trim(), false));
            at += line.Length + (end < 0 ? 0 : 1);
        }
        return Demand(at, data, isLast);
    }

    private int ReadMarkup(ReadOnlySpan<byte> data, bool isLast, ICollection<SitemapEntry> entries)
    {
        var at = 0;
        while (true)
        {
            var next = data[at..].IndexOf((byte)'<');
            if (next < 0)
                return data.Length;
            at += next;
            var length = ReadPiece(data[at..], entries);
            if (length < 0)
                return isLast ? throw new FormatException("The sitemap breaks off in the middle.") : Demand(at, data, isLast);
            at += length;
        }
    }

    // The length of the piece that begins here, or -1 where its end is not there yet.
    private int ReadPiece(ReadOnlySpan<byte> data, ICollection<SitemapEntry> entries)
    {
        if (data.StartsWith("<!--"u8))
            return Past(data, 4, "-->"u8);
        if (data.StartsWith("<![CDATA["u8))
            return Past(data, 9, "]]>"u8);
        if (data.StartsWith("<?"u8))
            return Past(data, 2, "?>"u8);
        // Where too little is there, it may still become one of those above.
        if (data.Length < 2 || (data[1] == '!' && data.Length < 9))
            return -1;
        if (data[1] == '!')
            throw new FormatException("A sitemap with a document type is not read.");
        var close = data.IndexOf((byte)'>');
        if (close < 0)
            return -1;
        var tag = data[1..close];
        if (tag.IsEmpty || tag[0] == '/')
            return close + 1;
        var blank = tag.IndexOfAny(" \t\r\n/"u8);
        var name = blank < 0 ? tag : tag[..blank];
        var colon = name.IndexOf((byte)':');
        var local = name[(colon + 1)..];
        if (local.SequenceEqual("urlset"u8) || local.SequenceEqual("sitemapindex"u8))
        {
            _isIndex = local.SequenceEqual("sitemapindex"u8);
            _prefix = Encoding.UTF8.GetString(name[..(colon + 1)]);
            return close + 1;
        }
        // "image:loc" is somebody else's: only the prefix of the whole counts.
        if (!local.SequenceEqual("loc"u8) || !Encoding.UTF8.GetString(name[..(colon + 1)]).Equals(_prefix, StringComparison.Ordinal) || tag[^1] == '/')
            return close + 1;
        var body = data[(close + 1)..];
        var over = body.IndexOf("</"u8);
        if (over < 0)
            return -1;
        if (Text(body[..over]) is { Length: > 0 } url)
            entries.Add(new SitemapEntry(url, _isIndex));
        return close + 1 + over;
    }

    private static string Text(ReadOnlySpan<byte> body)
    {
        var raw = body.Trim(" \t\r\n"u8);
        if (raw.StartsWith("<![CDATA["u8) && raw.EndsWith("]]>"u8) && raw.Length >= 12)
            return Encoding.UTF8.GetString(raw[9..^3]).Trim();
        return raw.IndexOf((byte)'&') < 0 ? Encoding.UTF8.GetString(raw) : Undone(Encoding.UTF8.GetString(raw));
    }

    // The five references of XML and numbers; another one makes the URL none.
    private static string Undone(string text)
    {
        var undone = new StringBuilder(text.Length);
        for (var i = 0; i < text.Length; i++)
        {
            if (text[i] != '&')
            {
                undone.Append(text[i]);
                continue;
            }
            var end = text.IndexOf(';', i);
            if (end < 0 || end - i > 12)
                return "";
            var name = text.AsSpan(i + 1, end - i - 1);
            var sign = name switch
            {
                "amp" => "&",
                "lt" => "<",
                "gt" => ">",
                "quot" => "\"",
                "apos" => "'",
                _ => Numbered(name),
            };
            if (sign.Length == 0)
                return "";
            undone.Append(sign);
            i = end;
        }
        return undone.ToString();
    }

    private static string Numbered(ReadOnlySpan<char> name)
    {
        var isNumber = name is ['#', 'x', ..]
            ? int.TryParse(name[2..], NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var code)
            : int.TryParse(name is ['#', ..] ? name[1..] : [], NumberStyles.None, CultureInfo.InvariantCulture, out code);
        return isNumber && code > 0 && Rune.IsValid(code) ? new Rune(code).ToString() : "";
    }

    private static int Past(ReadOnlySpan<byte> data, int from, ReadOnlySpan<byte> end)
    {
        var at = data.Length < from ? -1 : data[from..].IndexOf(end);
        return at < 0 ? -1 : from + at + end.Length;
    }

    private static int Demand(int read, ReadOnlySpan<byte> data, bool isLast) =>
        !isLast && data.Length - read >= LongestPiece ? throw new FormatException($"The sitemap has a piece of more than {LongestPiece} bytes.") : read;

    private static int Blanks(ReadOnlySpan<byte> data)
    {
        var at = data.IndexOfAnyExcept(" \t\r\n"u8);
        return at < 0 ? data.Length : at;
    }
}
