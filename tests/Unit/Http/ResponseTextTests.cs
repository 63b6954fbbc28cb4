using System.Text;
using Codomyrmex.Networking.Http;

namespace Codomyrmex.Networking.Tests.Unit.Http;

/// <summary>Which characters a body's bytes are.</summary>
public class ResponseTextTests
{
    private static async Task<string> TextAsync(byte[] body, string? contentType)
    {
        await using var server = RawAnswer.ThenClose(RawAnswer.With(body, contentType is null ? "" : $"Content-Type: {contentType}\r\n"));
        using var client = new HTTPClient(RawAnswer.Options);
        using var response = await client.GetAsync(server.Url.ToString(), cancellationToken: TestContext.Current.CancellationToken);
        return response.Text;
    }

    [Theory]
    [InlineData("text/plain; charset=utf-8", "\xc3\xbc", "\u00fc")]
    [InlineData("text/plain; charset=\"UTF-8\"", "\xc3\xbc", "\u00fc")]
    [InlineData("text/plain;charset=iso-8859-1", "\xfc\x80", "\u00fc\u20ac")]
    [InlineData("text/plain; charset=windows-1252", "\x80", "\u20ac")]
    [InlineData("text/plain; charset=latin1", "\x93", "\u201c")]
    [InlineData("text/plain; charset=us-ascii", "\xe4", "\u00e4")]
    [InlineData("text/plain; charset=iso-8859-2", "\xb1", "\u0105")]
    [InlineData("text/plain; charset=windows-1251", "\xc0", "\u0410")]
    [InlineData("text/plain; charset=koi8-r", "\xe1", "\u0410")]
    [InlineData("text/plain; charset=shift_jis", "\x82\xa0", "\u3042")]
    [InlineData("text/plain; charset=gb2312", "\xc4\xe3", "\u4f60")]
    [InlineData("text/plain; charset=big5", "\xa7\x41", "\u4f60")]
    [InlineData("text/plain; charset=euc-kr", "\xb0\xa1", "\uac00")]
    [InlineData("text/plain; charset=utf-16le", "a\0", "a")]
    [InlineData("text/plain; charset=utf-16be", "\0a", "a")]
    [InlineData("text/plain", "\xc3\xbc", "\u00fc")]
    [InlineData(null, "\xc3\xbc", "\u00fc")]
    [InlineData("text/plain", "\xfc", "\u00fc")]
    [InlineData(null, "\x80", "\u20ac")]
    [InlineData("text/plain; charset=klingon", "\xc3\xbc", "\u00fc")]
    [InlineData("text/plain; charset=", "\xc3\xbc", "\u00fc")]
    [InlineData("text/plain; charset=iso-8859-1", "\xef\xbb\xbf\xc3\xbc", "\u00fc")]
    [InlineData("text/plain", "\xff\xfe" + "a\0", "a")]
    [InlineData("text/plain", "\xfe\xff\0a", "a")]
    [InlineData("text/html", "<meta charset=windows-1251>\xc0", "<meta charset=windows-1251>\u0410")]
    [InlineData("text/html", "<META http-equiv=content-type content='text/html; charset=koi8-r'>\xe1", "<META http-equiv=content-type content='text/html; charset=koi8-r'>\u0410")]
    [InlineData("text/html; charset=utf-8", "<meta charset=windows-1251>\xc3\xbc", "<meta charset=windows-1251>\u00fc")]
    [InlineData("text/plain", "<meta charset=windows-1251>\xc3\xbc", "<meta charset=windows-1251>\u00fc")]
    [InlineData("text/plain", "", "")]
    public async Task Text_is_decoded_by_field_mark_element_or_guess(string? contentType, string bytes, string text) =>
        Assert.Equal(text, await TextAsync(RawAnswer.Latin1(bytes), contentType));

    [Theory]
    [InlineData("utf-7")]
    [InlineData("UTF-7")]
    [InlineData("unicode-1-1-utf-7")]
    [InlineData("csUnicode11UTF7")]
    [InlineData("x-unicode-2-0-utf-7")]
    [InlineData("65000")]
    public async Task Encoding_that_hides_markup_is_not_decoded(string charset) =>
        Assert.Equal("+ADw-script+AD4-", await TextAsync("+ADw-script+AD4-"u8.ToArray(), "text/html; charset=" + charset));

    [Fact]
    public async Task Lines_of_a_streamed_body_are_read_as_they_come_in_its_charset()
    {
        await using var server = RawAnswer.ThenClose(RawAnswer.With([.. "one\r\ntwo\n"u8, 0xfc, .. "\n\nlast"u8], "Content-Type: text/plain; charset=iso-8859-1\r\n"));
        using var client = new HTTPClient(RawAnswer.Options);
        using var response = await client.StreamAsync(server.Url.ToString(), cancellationToken: TestContext.Current.CancellationToken);
        var lines = new List<string>();
        await foreach (var line in response.ReadLinesAsync(TestContext.Current.CancellationToken))
            lines.Add(line);
        Assert.Equal(["one", "two", "\u00fc", "", "last"], lines);
    }

    [Fact]
    public async Task Streamed_body_can_be_buffered_after_all()
    {
        await using var server = RawAnswer.ThenClose(RawAnswer.With(Encoding.ASCII.GetBytes("content")));
        using var client = new HTTPClient(RawAnswer.Options);
        using var response = await client.StreamAsync(server.Url.ToString(), cancellationToken: TestContext.Current.CancellationToken);
        Assert.Throws<InvalidOperationException>(() => response.Content);
        Assert.Throws<InvalidOperationException>(() => response.Text);
        await response.BufferAsync(TestContext.Current.CancellationToken);
        Assert.Equal("content", response.Text);
        response.Dispose();
        Assert.Throws<ObjectDisposedException>(() => response.Content);
        Assert.Throws<ObjectDisposedException>(response.OpenStream);
    }

    [Fact]
    public async Task Download_reports_progress()
    {
        await using var server = RawAnswer.ThenClose(RawAnswer.With(new byte[100_000]));
        using var client = new HTTPClient(RawAnswer.Options);
        var reports = new List<TransferProgress>();
        using var response = await client.GetAsync(server.Url.ToString(), new RequestOptions { DownloadProgress = new Inline(reports.Add) }, TestContext.Current.CancellationToken);
        Assert.Equal(new TransferProgress(100_000, 100_000), reports[^1]);
    }

    private sealed class Inline(Action<TransferProgress> report) : IProgress<TransferProgress>
    {
        public void Report(TransferProgress value) => report(value);
    }
}
