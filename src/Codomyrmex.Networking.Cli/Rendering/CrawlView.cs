using System.Globalization;
using System.Text;
using Codomyrmex.Networking.Cli.Commands;
using Codomyrmex.Networking.Crawling;

namespace Codomyrmex.Networking.Cli.Rendering;

/// <summary>Shows a crawl under way: pages as they come, and now and then on standard error how far it is; on a terminal in one line that is drawn over and over.</summary>
internal sealed class CrawlView(Invocation run, Crawler crawler)
{
    private static readonly TimeSpan BetweenLines = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan BetweenDrawings = TimeSpan.FromMilliseconds(100);

    private readonly bool _isDrawn = run.Context.IsErrorTerminal && run.Context.Environment("TERM") != "dumb";
    private readonly long _startedAt = run.Context.Clock.GetTimestamp();
    private long _shownAt = run.Context.Clock.GetTimestamp();
    private int _drawn;

    public void Show(CrawledPage page)
    {
        Wipe();
        CrawlDocument.Write(run, page);
        var now = run.Context.Clock.GetTimestamp();
        if (run.IsQuiet || run.Context.Clock.GetElapsedTime(_shownAt, now) < (_isDrawn ? BetweenDrawings : BetweenLines))
            return;
        _shownAt = now;
        var done = crawler.Statistics!;
        var text = string.Create(CultureInfo.InvariantCulture,
            $"{done.Pages:N0} pages, {done.Pending:N0} to go, {done.Failed:N0} failed, {SizeText.Of(done.Bytes)}, {done.Pages / Math.Max(0.001, run.Context.Clock.GetElapsedTime(_startedAt, now).TotalSeconds):0.#} a second");
        if (_isDrawn)
            text = text[..Math.Min(text.Length, Math.Max(1, run.Context.Width() - 1))];
        Write(_isDrawn ? text : text + "\n");
        _drawn = _isDrawn ? text.Length : 0;
    }

    /// <summary>Leaves the line as it was.</summary>
    public void End() => Wipe();

    private void Wipe()
    {
        if (_drawn > 0)
            Write($"\r{new string(' ', _drawn)}\r");
        _drawn = 0;
    }

    private void Write(string text)
    {
        run.Context.Error.Write(Encoding.UTF8.GetBytes(text));
        run.Context.Error.Flush();
    }
}
