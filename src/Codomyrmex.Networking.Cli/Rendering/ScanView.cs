using System.Globalization;
using System.Text;
using Codomyrmex.Networking.Cli.Commands;
using Codomyrmex.Networking.Scanning;

namespace Codomyrmex.Networking.Cli.Rendering;

/// <summary>
/// Shows a scan under way: findings as they are made, and beneath them, on a terminal, a small table of how far it has come and how long it still takes. Elsewhere a line
/// on standard error now and then.
/// </summary>
internal sealed class ScanView : IAsyncDisposable
{
    private const int BarCells = 28;
    private static readonly TimeSpan BetweenTables = TimeSpan.FromMilliseconds(200);
    private static readonly TimeSpan BetweenLines = TimeSpan.FromSeconds(10);

    private readonly Lock _lock = new();
    private readonly Invocation _run;
    private readonly Func<string[]> _rows;
    private readonly bool _isTable;
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _drawing;
    private int _linesDrawn;

    /// <param name="run">The run.</param>
    /// <param name="rows">The table's rows at the moment.</param>
    public ScanView(Invocation run, Func<string[]> rows)
    {
        (_run, _rows) = (run, rows);
        _isTable = run.Context.IsErrorTerminal && run.Context.Environment("TERM") != "dumb";
        _drawing = run.IsQuiet || (run.IsJson && !run.Context.IsErrorTerminal) ? Task.CompletedTask : DrawAsync();
    }

    public void Show(PortResult result) => Show(() => ScanDocument.Write(_run, result));

    /// <summary>Writes above the table.</summary>
    public void Show(Action write)
    {
        lock (_lock)
        {
            Wipe();
            write();
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _drawing;
        _stop.Dispose();
        lock (_lock)
            Wipe();
    }

    /// <summary>The rows of the table, for one moment.</summary>
    public static string[] Rows(ScanStatistics now)
    {
        var share = now.Ports == 0 ? 0 : Math.Min(1, (double)now.PortsDone / now.Ports);
        var cells = (int)(share * BarCells);
        var left = now.Remaining is { } time ? $"{Clock(time)} left" : "";
        return
        [
            string.Create(CultureInfo.InvariantCulture, $"ports  [{new string('=', cells)}{new string(' ', BarCells - cells)}] {Math.Floor(100 * share),3:0} %   {now.PortsDone:N0} of {now.Ports:N0}   {left}"),
            string.Create(CultureInfo.InvariantCulture, $"found  {now.Open:N0} open, {now.Closed:N0} closed, {now.Filtered:N0} filtered{(now.OpenOrFiltered > 0 ? $", {now.OpenOrFiltered:N0} open or filtered" : "")}"),
            string.Create(CultureInfo.InvariantCulture, $"hosts  {now.HostsDone:N0} of {now.Hosts:N0}"),
            string.Create(CultureInfo.InvariantCulture, $"rate   {now.ProbesPerSecond:N0} probes/s, {now.InFlight:N0} under way, recall {100 * now.Recall:0.#} %"),
        ];
    }

    private async Task DrawAsync()
    {
        using var timer = new PeriodicTimer(_isTable ? BetweenTables : BetweenLines, _run.Context.Clock);
        try
        {
            while (await timer.WaitForNextTickAsync(_stop.Token))
                Draw(_rows());
        }
        catch (OperationCanceledException)
        {
            // The scan is over.
        }
        catch (OutputClosedException)
        {
            // Nobody looks any more; the findings tell whoever reads them.
        }
    }

    private void Draw(string[] rows)
    {
        lock (_lock)
        {
            if (!_isTable)
            {
                Write($"{rows[0][7..].TrimEnd()}; {rows[1][7..]}\n");
                return;
            }
            Wipe();
            // A row that wraps could not be wiped out.
            var width = Math.Max(1, _run.Context.Width() - 1);
            Write(string.Concat(rows.Select(row => row[..Math.Min(row.Length, width)] + "\n")));
            _linesDrawn = rows.Length;
        }
    }

    /// <summary>Takes the table off the terminal (ECMA-48: cursor up, erase to the end).</summary>
    private void Wipe()
    {
        if (_linesDrawn > 0)
            Write(string.Create(CultureInfo.InvariantCulture, $"\e[{_linesDrawn}A\e[J"));
        _linesDrawn = 0;
    }

    private void Write(string text)
    {
        _run.Context.Error.Write(Encoding.UTF8.GetBytes(text));
        _run.Context.Error.Flush();
    }

    private static string Clock(TimeSpan time) => time.TotalHours >= 1
        ? string.Create(CultureInfo.InvariantCulture, $"{(int)Math.Min(time.TotalHours, 9999)}:{time:mm\\:ss}")
        : string.Create(CultureInfo.InvariantCulture, $"{time:m\\:ss}");
}
