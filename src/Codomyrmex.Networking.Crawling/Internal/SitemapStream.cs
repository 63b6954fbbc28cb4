using System.Buffers;
using System.IO.Compression;
using Codomyrmex.Networking.Crawling.Protocol;

namespace Codomyrmex.Networking.Crawling.Internal;

/// <summary>Reads a sitemap from a stream, compressed or not, within the limits of the protocol: 50,000 entries, 50 MiB after decompression.</summary>
internal static class SitemapStream
{
    private const int MostEntries = 50_000;
    private const long MostBytes = 50 * 1024 * 1024;

    /// <summary>Reads it to its end.</summary>
    /// <param name="body">The body of the answer.</param>
    /// <param name="take">Gets the entries, some at a time.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="FormatException">It is no sitemap, or beyond the limits; what was read before it has been taken.</exception>
    /// <exception cref="InvalidDataException">It is not compressed as it begins.</exception>
    public static async Task ReadAsync(Stream body, Action<IReadOnlyList<SitemapEntry>> take, CancellationToken cancellationToken)
    {
        var buffer = ArrayPool<byte>.Shared.Rent(SitemapParser.LongestPiece * 2);
        try
        {
            // A file named .gz is compressed whatever its fields say: its first bytes tell.
            var count = await body.ReadAtLeastAsync(buffer.AsMemory(0, 2), 2, throwOnEndOfStream: false, cancellationToken).ConfigureAwait(false);
            if (count == 2 && buffer is [0x1F, 0x8B, ..])
            {
                var gzip = new GZipStream(new BegunStream(buffer.AsMemory(0, 2).ToArray(), body), CompressionMode.Decompress);
                await using (gzip.ConfigureAwait(false))
                    await ReadPlainAsync(gzip, buffer, 0, take, cancellationToken).ConfigureAwait(false);
            }
            else
            {
                await ReadPlainAsync(body, buffer, count, take, cancellationToken).ConfigureAwait(false);
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    private static async Task ReadPlainAsync(Stream plain, byte[] buffer, int count, Action<IReadOnlyList<SitemapEntry>> take, CancellationToken cancellationToken)
    {
        var parser = new SitemapParser();
        var entries = new List<SitemapEntry>();
        long bytes = 0;
        var found = 0;
        while (true)
        {
            var read = await plain.ReadAsync(buffer.AsMemory(count), cancellationToken).ConfigureAwait(false);
            bytes += read;
            count += read;
            if (bytes > MostBytes)
                throw new FormatException("The sitemap is larger than 50 MiB.");
            var used = parser.Read(buffer.AsSpan(0, count), isLast: read == 0, entries);
            buffer.AsSpan(used, count - used).CopyTo(buffer);
            count -= used;
            found += entries.Count;
            take(entries);
            entries.Clear();
            if (found > MostEntries)
                throw new FormatException("The sitemap has more than 50,000 entries.");
            if (read == 0)
                return;
        }
    }
}
