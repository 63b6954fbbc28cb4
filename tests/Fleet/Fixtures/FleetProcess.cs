using System.Collections.Concurrent;
using System.Diagnostics;
using System.Runtime.InteropServices;

namespace Codomyrmex.Networking.Tests.Fleet.Fixtures;

/// <summary>A program inside a network namespace, whose lines can be waited for and that can be stopped, continued and killed as a machine can.</summary>
internal sealed class FleetProcess : IAsyncDisposable
{
    private const int Kill = 9;
    private const int Continue = 18;
    private const int Stop = 19;

    private readonly Process _process;
    private readonly ConcurrentQueue<string> _lines = new();
    private readonly SemaphoreSlim _printed = new(0);

    private FleetProcess(Process process) => _process = process;

    public bool HasEnded => _process.HasExited;

    public string Output => string.Join('\n', _lines);

    /// <summary>Starts a program in a namespace; <c>ip</c> becomes it, so its number is the program's.</summary>
    public static FleetProcess Start(string network, params string[] command)
    {
        var process = new Process
        {
            StartInfo = new ProcessStartInfo("ip", ["netns", "exec", network, .. command]) { RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true },
        };
        var started = new FleetProcess(process);
        process.OutputDataReceived += started.Keep;
        process.ErrorDataReceived += started.Keep;
        process.Start();
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        return started;
    }

    /// <summary>Waits until a line says something.</summary>
    public async Task<string> PrintsAsync(Func<string, bool> what, CancellationToken cancellationToken)
    {
        while (true)
        {
            if (_lines.FirstOrDefault(what) is { } line)
                return line;
            if (_process.HasExited)
                throw new InvalidOperationException($"{_process.StartInfo.Arguments} ended with {_process.ExitCode}:\n{Output}");
            await _printed.WaitAsync(TimeSpan.FromMilliseconds(100), cancellationToken);
        }
    }

    /// <summary>Waits until it has printed one line more, or for a moment.</summary>
    public Task PrintsMoreAsync(CancellationToken cancellationToken) => _printed.WaitAsync(TimeSpan.FromMilliseconds(100), cancellationToken);

    /// <summary>Reads it to its end.</summary>
    public async Task<string[]> EndAsync(CancellationToken cancellationToken)
    {
        await _process.WaitForExitAsync(cancellationToken);
        return [.. _lines];
    }

    public void StandStill() => Signal(_process.Id, Stop);

    public void GoOn() => Signal(_process.Id, Continue);

    /// <summary>Kills it; when this is over, it is gone.</summary>
    public Task DieAsync(CancellationToken cancellationToken)
    {
        Signal(_process.Id, Kill);
        return _process.WaitForExitAsync(cancellationToken);
    }

    public void Ask() => Signal(_process.Id, 15);

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
            Signal(_process.Id, Kill);
        await _process.WaitForExitAsync();
        _process.Dispose();
        _printed.Dispose();
    }

    private void Keep(object sender, DataReceivedEventArgs line)
    {
        if (line.Data is null)
            return;
        _lines.Enqueue(line.Data);
        _printed.Release();
    }

    [DllImport("libc", EntryPoint = "kill")]
    private static extern int Signal(int process, int signal);
}
