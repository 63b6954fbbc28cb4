using System.Globalization;
using System.Security.Cryptography;

namespace Codomyrmex.Networking.Cli.Mcp;

/// <summary>Long contents, whose next pages are asked for by cursor. Only the latest are kept. Thread-safe.</summary>
internal sealed class PageStore(int pageChars)
{
    private const int MostDocuments = 16;
    private const long MostChars = 32L * 1024 * 1024;

    private readonly LinkedList<(string Id, ToolContent Content)> _documents = new();
    private readonly Lock _lock = new();

    /// <summary>The first page of a content.</summary>
    public Page First(ToolContent content)
    {
        if (content.Text.Length <= pageChars)
            return new Page(content, content.Text, 0, null);
        var id = Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(8));
        lock (_lock)
        {
            _documents.AddLast((id, content));
            while (_documents.Count > 1 && (_documents.Count > MostDocuments || _documents.Sum(static document => (long)document.Content.Text.Length) > MostChars))
                _documents.RemoveFirst();
        }
        return Cut(id, content, 0);
    }

    /// <summary>The page that a cursor stands for.</summary>
    /// <exception cref="UsageException">It stands for none.</exception>
    public Page Next(string cursor)
    {
        var dot = cursor.IndexOf('.', StringComparison.Ordinal);
        if (dot > 0 && int.TryParse(cursor.AsSpan(dot + 1), NumberStyles.None, CultureInfo.InvariantCulture, out var offset))
        {
            lock (_lock)
            {
                foreach (var (id, content) in _documents)
                {
                    if (cursor.AsSpan(0, dot).SequenceEqual(id) && offset < content.Text.Length)
                        return Cut(id, content, offset);
                }
            }
        }
        throw new UsageException($"There is no such cursor: only those of the latest {MostDocuments} long answers are kept. Call the tool again.", "cursor");
    }

    private Page Cut(string id, ToolContent content, int offset)
    {
        var end = Math.Min(content.Text.Length, offset + pageChars);
        // Not through a character of two halves.
        if (end < content.Text.Length && char.IsLowSurrogate(content.Text[end]))
            end--;
        var next = end < content.Text.Length ? string.Create(CultureInfo.InvariantCulture, $"{id}.{end}") : null;
        return new Page(content, content.Text[offset..end], offset, next);
    }
}
