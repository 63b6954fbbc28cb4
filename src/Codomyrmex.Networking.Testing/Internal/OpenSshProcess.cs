using System.Diagnostics;
using System.Globalization;

namespace Codomyrmex.Networking.Testing.Internal;

/// <summary>The process of an <see cref="OpenSshServer"/> and what it logs.</summary>
internal sealed class OpenSshProcess : IAsyncDisposable
{
    // The server ends with this process, however that ends: whoever holds the other end of standard input is gone then.
    private const string Script = """
        exec 3<&0
        "$@" </dev/null &
        server=$!
        echo $server
        (read -r _ <&3; kill $server) >/dev/null 2>&1 &
        exec 3<&-
        wait $server
        """;

    private readonly Lock _lock = new();
    private readonly List<string> _log = [];
    private readonly Process _process;
    private TaskCompletionSource _changed = NewSignal();

    private OpenSshProcess(Process process) => _process = process;

    /// <summary>The number of the server's own process.</summary>
    public int Id { get; private set; }

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
        var start = new ProcessStartInfo("/bin/sh", ["-c", Script, "sh", executable, "-D", "-e", "-f", configuration])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        var server = new OpenSshProcess(new Process { StartInfo = start, EnableRaisingEvents = true });
        server._process.ErrorDataReceived += server.Keep;
        server._process.Start();
        server._process.BeginErrorReadLine();
        server.Id = int.Parse(server._process.StandardOutput.ReadLine()!, CultureInfo.InvariantCulture);
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
