using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net;
using System.Net.Sockets;

namespace Codomyrmex.Networking.Tests.Integration.Fixtures;

/// <summary>
/// A real server as a child process on the loopback interface. It is ready when its port accepts; disposing kills it and its children,
/// waits for its end and deletes its folder. A server that is missing or does not come up fails the test: it is never skipped.
/// </summary>
internal sealed class ServerProcess : IAsyncDisposable
{
    private static readonly TimeSpan ReadyWithin = TimeSpan.FromSeconds(20);

    private readonly ConcurrentQueue<string> _output = new();
    private readonly Process _process;
    private readonly ServerFolder _folder;
    private TaskCompletionSource _printed = NewSignal();

    private ServerProcess(Process process, ServerFolder folder)
    {
        _process = process;
        _folder = folder;
    }

    /// <summary>What the server has printed so far.</summary>
    public string Output => string.Join('\n', _output);

    /// <summary>A port of the loopback interface that was free a moment ago.</summary>
    public static int FreePort()
    {
        using var probe = new TcpListener(IPAddress.Loopback, 0);
        probe.Start();
        return ((IPEndPoint)probe.LocalEndpoint).Port;
    }

    /// <summary>Starts a server and waits until its port accepts.</summary>
    /// <param name="folder">Its folder, and the working directory; from now on the process's own.</param>
    /// <param name="port">The port that tells it is ready.</param>
    /// <param name="path">The executable.</param>
    /// <param name="arguments">Its arguments.</param>
    public static Task<ServerProcess> StartAsync(ServerFolder folder, int port, string path, params string[] arguments) =>
        StartAsync(folder, server => server.WaitUntilAcceptingAsync(port), path, arguments);

    /// <summary>Starts a server of datagrams and waits until its port of 127.0.0.1 is bound.</summary>
    /// <inheritdoc cref="StartAsync(ServerFolder, int, string, string[])"/>
    public static Task<ServerProcess> StartDatagramsAsync(ServerFolder folder, int port, string path, params string[] arguments) =>
        StartAsync(folder, server => server.WaitUntilBoundAsync(port), path, arguments);

    private static async Task<ServerProcess> StartAsync(ServerFolder folder, Func<ServerProcess, Task> ready, string path, string[] arguments)
    {
        if (!File.Exists(path))
        {
            folder.Dispose();
            throw new InvalidOperationException($"{path} is not installed; this test needs it.");
        }
        var start = new ProcessStartInfo(path, arguments)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = folder.Path,
        };
        var server = new ServerProcess(new Process { StartInfo = start }, folder);
        server._process.OutputDataReceived += server.Keep;
        server._process.ErrorDataReceived += server.Keep;
        server._process.Start();
        server._process.BeginOutputReadLine();
        server._process.BeginErrorReadLine();
        try
        {
            await ready(server);
            return server;
        }
        catch
        {
            await server.DisposeAsync();
            throw;
        }
    }

    /// <summary>Waits until it has printed a line.</summary>
    public async Task PrintsAsync(string line, CancellationToken cancellationToken)
    {
        while (true)
        {
            var next = Volatile.Read(ref _printed).Task;
            if (_output.Contains(line))
                return;
            await next.WaitAsync(cancellationToken);
        }
    }

    /// <summary>Ends the server at once, as a crash would (SIGKILL), and waits until it is gone.</summary>
    public void Kill()
    {
        _process.Kill(entireProcessTree: true);
        _process.WaitForExit();
    }

    /// <summary>The number of the process.</summary>
    public int Id => _process.Id;

    /// <summary>Asks the server to stop (SIGTERM), waits until it has, with all that it prints, and returns its exit code.</summary>
    public async Task<int> TerminateAsync(CancellationToken cancellationToken)
    {
        using var kill = Process.Start("kill", ["-TERM", $"{_process.Id}"]);
        await _process.WaitForExitAsync(cancellationToken);
        return _process.ExitCode;
    }

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
            _process.Kill(entireProcessTree: true);
        await _process.WaitForExitAsync();
        _process.Dispose();
        _folder.Dispose();
    }

    /// <summary>Polls, since a server has no other way in common to say that it is ready.</summary>
    private async Task WaitUntilAcceptingAsync(int port)
    {
        using var deadline = new CancellationTokenSource(ReadyWithin);
        while (true)
        {
            if (_process.HasExited)
                throw new InvalidOperationException($"{_process.StartInfo.FileName} ended with {_process.ExitCode} before it was ready:\n{Output}");
            using var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
            try
            {
                await socket.ConnectAsync(IPAddress.Loopback, port, deadline.Token);
                return;
            }
            catch (SocketException) when (!deadline.IsCancellationRequested)
            {
                await Task.Delay(20);
            }
            catch (Exception late) when (late is OperationCanceledException or SocketException)
            {
                throw new TimeoutException($"{_process.StartInfo.FileName} did not accept on port {port} within {ReadyWithin.TotalSeconds} s:\n{Output}", late);
            }
        }
    }

    /// <summary>Polls the system's list of bound ports: an answer cannot be asked for, as not every server answers.</summary>
    private async Task WaitUntilBoundAsync(int port)
    {
        using var deadline = new CancellationTokenSource(ReadyWithin);
        while (!File.ReadLines("/proc/net/udp").Any(line => line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[1] == $"0100007F:{port:X4}"))
        {
            if (_process.HasExited || deadline.IsCancellationRequested)
                throw new InvalidOperationException($"{_process.StartInfo.FileName} did not bind port {port}:\n{Output}");
            await Task.Delay(20);
        }
    }

    private void Keep(object sender, DataReceivedEventArgs line)
    {
        if (line.Data is null)
            return;
        _output.Enqueue(line.Data);
        Interlocked.Exchange(ref _printed, NewSignal()).SetResult();
    }

    private static TaskCompletionSource NewSignal() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
