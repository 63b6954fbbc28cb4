using System.Globalization;
using System.Text;

namespace Codomyrmex.Networking.Cli.Rendering;

/// <summary>
/// Shows a transfer under way on standard error: one line that is drawn over and over on a terminal, a new line now and then elsewhere.
/// Thread-safe.
/// </summary>
internal sealed class ProgressView(CommandContext context, string path, bool isQuiet) : IProgress<TransferProgress>, IDisposable
{
    private const int BarCells = 24;
    private static readonly TimeSpan BetweenLines = TimeSpan.FromSeconds(2);

    private readonly Lock _lock = new();
    private readonly bool _isBar = context.IsErrorTerminal && context.Environment("TERM") != "dumb";
    private readonly string _name = ControlText.Escape(Path.GetFileName(path));
    private TransferProgress _latest;
    private TransferProgress? _shown;
    private long _startedAt;
    private long _startBytes;
    private long _shownAt;
    private int _drawn;

    public long Bytes
    {
        get
        {
            lock (_lock)
                return _latest.Bytes;
        }
    }

    public void Report(TransferProgress value)
    {
        lock (_lock)
        {
            var now = context.Clock.GetTimestamp();
            // A file that is begun anew has a new rate.
            if (_startedAt == 0 || value.Bytes < _latest.Bytes)
                (_startedAt, _startBytes) = (now, value.Bytes);
            _latest = value;
            if (!isQuiet && (_isBar || _shownAt == 0 || context.Clock.GetElapsedTime(_shownAt, now) >= BetweenLines))
                Show(now);
        }
    }

    /// <summary>Shows the end, and leaves the cursor on a line of its own.</summary>
    public void Dispose()
    {
        lock (_lock)
        {
            if (isQuiet || _startedAt == 0)
                return;
            if (_shown != _latest)
                Show(context.Clock.GetTimestamp());
            if (_isBar && _drawn > 0)
                Write("\n");
            _startedAt = 0;
        }
    }

    private void Show(long now)
    {
        var text = Text(context.Clock.GetElapsedTime(_startedAt, now).TotalSeconds);
        if (_isBar)
        {
            // Spaces wipe out what was longer; a line that wraps could not be drawn over.
            text = text[..Math.Min(text.Length, Math.Max(1, context.Width() - 1))];
            Write($"\r{text.PadRight(_drawn)}");
            _drawn = text.Length;
        }
        else
        {
            Write(text + "\n");
        }
        (_shownAt, _shown) = (now, _latest);
    }

    private string Text(double seconds)
    {
        var text = new StringBuilder();
        if (_isBar && _name.Length is > 0 and <= 40)
            text.Append(_name).Append(' ');
        var rate = seconds > 0.05 ? (_latest.Bytes - _startBytes) / seconds : 0;
        if (_latest.Total is not { } total)
        {
            text.Append(SizeText.Of(_latest.Bytes));
        }
        else
        {
            var share = total == 0 ? 1 : (double)_latest.Bytes / total;
            if (_isBar)
                text.Append('[').Append('=', (int)(share * BarCells)).Append(' ', BarCells - (int)(share * BarCells)).Append("] ");
            text.Append(CultureInfo.InvariantCulture, $"{Math.Floor(share * 100):0} % of {SizeText.Of(total)}");
        }
        if (rate > 0)
            text.Append(CultureInfo.InvariantCulture, $", {SizeText.Of(rate)}/s");
        if (rate > 0 && _latest.Total - _latest.Bytes is > 0 and var left)
            text.Append(", ").Append(Clock(left / rate)).Append(" left");
        return text.ToString();
    }

    private static string Clock(double seconds)
    {
        var time = TimeSpan.FromSeconds(Math.Min(Math.Ceiling(seconds), TimeSpan.FromDays(99).TotalSeconds));
        return time.TotalHours >= 1
            ? string.Create(CultureInfo.InvariantCulture, $"{(int)time.TotalHours}:{time:mm\\:ss}")
            : string.Create(CultureInfo.InvariantCulture, $"{time:m\\:ss}");
    }

    private void Write(string text)
    {
        context.Error.Write(Encoding.UTF8.GetBytes(text));
        context.Error.Flush();
    }
}
