using System.IO.Compression;
using System.Text;
using Codomyrmex.Networking.Crawling.Internal;
using Codomyrmex.Networking.Crawling.Protocol;

namespace Codomyrmex.Networking.Tests.Unit.Crawling;

/// <summary>Sitemaps of sitemaps.org: sets, indexes, lists, compressed; nothing of the document's own is believed.</summary>
public class SitemapTests
{
    private static async Task<string> ReadAsync(byte[] content, int piece = 7)
    {
        var found = new List<SitemapEntry>();
        await SitemapStream.ReadAsync(new TrickleStream(content, piece), found.AddRange, Site.Cancel);
        return string.Join(' ', found.Select(entry => (entry.IsSitemap ? "+" : "") + entry.Url));
    }

    private static Task<string> ReadAsync(string text, int piece = 7) => ReadAsync(Encoding.UTF8.GetBytes(text), piece);

    [Theory]
    [InlineData("<?xml version='1.0'?><urlset xmlns='x'><url><loc>http://h/a</loc><lastmod>2026</lastmod></url><url><loc> http://h/b\n</loc></url></urlset>", "http://h/a http://h/b")]
    [InlineData("<sitemapindex><sitemap><loc>http://h/s</loc></sitemap></sitemapindex>", "+http://h/s")]
    [InlineData("<s:urlset xmlns:s='x'><s:url><s:loc>http://h/a</s:loc></s:url></s:urlset>", "http://h/a")]
    [InlineData("<urlset><url><loc>http://h/?a&amp;b&#38;c&#x26;d</loc><image:image><image:loc>http://h/i</image:loc></image:image></url></urlset>", "http://h/?a&b&c&d")]
    [InlineData("<urlset><!-- <loc>http://h/no</loc> --><url><loc><![CDATA[http://h/a&b]]></loc></url></urlset>", "http://h/a&b")]
    [InlineData("<urlset><url><loc>http://h/&unknown;</loc></url><loc/><url><loc></loc></url></urlset>", "")]
    [InlineData("\ufeffhttp://h/a\r\nhttp://h/b\n\n", "http://h/a http://h/b")]
    [InlineData("", "")]
    public async Task A_sitemap_names_these(string text, string urls)
    {
        foreach (var piece in (int[])[1, 7, 100_000])
            Assert.Equal(urls, await ReadAsync(text, piece));
    }

    [Fact]
    public async Task A_compressed_one_is_known_by_its_beginning()
    {
        using var zipped = new MemoryStream();
        await using (var gzip = new GZipStream(zipped, CompressionLevel.Fastest, leaveOpen: true))
            await gzip.WriteAsync("<urlset><url><loc>http://h/a</loc></url></urlset>"u8.ToArray(), Site.Cancel);
        Assert.Equal("http://h/a", await ReadAsync(zipped.ToArray()));
        await Assert.ThrowsAsync<InvalidDataException>(() => ReadAsync([0x1F, 0x8B, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10]));
    }

    [Theory]
    [InlineData("<?xml version='1.0'?><!DOCTYPE x [<!ENTITY e SYSTEM 'file:///etc/passwd'>]><urlset><url><loc>&e;</loc></url></urlset>")]
    [InlineData("<!DOCTYPE x [<!ENTITY a 'aaaa'><!ENTITY b '&a;&a;&a;'>]><urlset/>")]
    [InlineData("<urlset><url><loc>http://h/a")]
    [InlineData("<urlset><url><!-- no end")]
    public async Task A_document_type_and_a_broken_end_are_refused(string text) => await Assert.ThrowsAsync<FormatException>(() => ReadAsync(text));

    [Fact]
    public async Task More_than_the_protocol_allows_is_refused()
    {
        var many = "<urlset>" + string.Concat(Enumerable.Range(0, 50_001).Select(i => $"<url><loc>http://h/{i}</loc></url>")) + "</urlset>";
        await Assert.ThrowsAsync<FormatException>(() => ReadAsync(many, 65_536));
        await Assert.ThrowsAsync<FormatException>(() => ReadAsync("<urlset><url><loc>" + new string('x', 100_000) + "</loc>", 65_536));
    }

    [Fact, Trait("Cve", "23")]
    public async Task A_bomb_stops_at_50_MiB()
    {
        using var zipped = new MemoryStream();
        await using (var gzip = new GZipStream(zipped, CompressionLevel.Fastest, leaveOpen: true))
        {
            for (var i = 0; i < 60; i++)
                await gzip.WriteAsync(Enumerable.Repeat((byte)'\n', 1 << 20).ToArray(), Site.Cancel);
        }
        await Assert.ThrowsAsync<FormatException>(() => ReadAsync([.. zipped.ToArray()], 65_536));
    }

    private sealed class TrickleStream(byte[] content, int piece) : MemoryStream(content)
    {
        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) =>
            base.ReadAsync(buffer[..Math.Min(piece, buffer.Length)], cancellationToken);
    }
}
