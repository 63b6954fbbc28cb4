using System.Diagnostics;
using System.Globalization;

namespace Codomyrmex.Networking.Testing.Internal;

/// <summary>The process of an <see cref="OpenSshServer"/> and what it logs.</summary>
internal sealed class OpenSshProcess : IAsyncDisposable
{
    private readonly Lock _lock = new();
    private readonly List<string> _log = [];
    private readonly Process _process;
    private TaskCompletionSource _changed = NewSignal();

    private OpenSshProcess(Process process) => _process = process;

    public int Id => _process.Id;

    public IReadOnlyList<string> Log
    {
        get
        {
            lock (_lock)
                return [.. _log];
        }
    }

    public static OpenSshProcess Start(string executable, string configuration)
    {
        // In the foreground, logging to standard error.
        var start = new ProcessStartInfo(executable, ["-D", "-e", "-f", configuration]) { RedirectStandardError = true, RedirectStandardInput = true };
        var server = new OpenSshProcess(new Process { StartInfo = start, EnableRaisingEvents = true });
        server._process.ErrorDataReceived += server.Keep;
        server._process.Start();
        server._process.BeginErrorReadLine();
        return server;
    }

    /// <summary>Whether it listens on a port; false where it has ended instead.</summary>
    public async Task<bool> ListensAsync(int port, CancellationToken cancellationToken)
    {
        var listening = LoggedAsync(string.Create(CultureInfo.InvariantCulture, $"Server listening on 127.0.0.1 port {port}."), cancellationToken);
        var ended = _process.WaitForExitAsync(cancellationToken);
        await (await Task.WhenAny(listening, ended).ConfigureAwait(false)).ConfigureAwait(false);
        return listening.IsCompletedSuccessfully;
    }

    public async Task<string> LoggedAsync(string text, CancellationToken cancellationToken)
    {
        while (true)
        {
            Task changed;
            lock (_lock)
            {
                if (_log.Find(line => line.Contains(text, StringComparison.Ordinal)) is { } found)
                    return found;
                changed = _changed.Task;
            }
            await changed.WaitAsync(cancellationToken).ConfigureAwait(false);
        }
    }

    public void Kill()
    {
        if (!_process.HasExited)
            _process.Kill(entireProcessTree: true);
        _process.WaitForExit();
    }

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
            _process.Kill(entireProcessTree: true);
        await _process.WaitForExitAsync().ConfigureAwait(false);
        _process.Dispose();
    }

    private void Keep(object sender, DataReceivedEventArgs line)
    {
        if (line.Data is null)
            return;
        TaskCompletionSource changed;
        lock (_lock)
        {
            _log.Add(line.Data);
            changed = _changed;
            _changed = NewSignal();
        }
        changed.SetResult();
    }

    private static TaskCompletionSource NewSignal() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
