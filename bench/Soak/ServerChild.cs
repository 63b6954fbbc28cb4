using System.Diagnostics;
using System.Globalization;
using System.Text.Json;

namespace Codomyrmex.Networking.Soak;

/// <summary>A <see cref="SoakServer"/> in a process of its own.</summary>
internal sealed class ServerChild : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private readonly Process _process;

    private ServerChild(Process process) => _process = process;

    public int Id => _process.Id;

    public static async Task<ServerChild> StartAsync(int port, int tlsPort, string certificate, string key)
    {
        var number = CultureInfo.InvariantCulture;
        var process = Process.Start(new ProcessStartInfo(Environment.ProcessPath!, ["serve", port.ToString(number), tlsPort.ToString(number), certificate, key])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
        })!;
        var child = new ServerChild(process);
        if (await child.LineAsync() != "ready")
            throw new InvalidOperationException("The server did not come up.");
        return child;
    }

    public async Task<Vitals> VitalsAsync()
    {
        await _process.StandardInput.WriteLineAsync("vitals");
        return JsonSerializer.Deserialize<Vitals>(await LineAsync())!;
    }

    /// <summary>Stops it with SIGTERM, and returns what it says at its end with the time that took.</summary>
    public async Task<(SoakServer.Life Life, TimeSpan Took)> TerminateAsync()
    {
        var started = Stopwatch.GetTimestamp();
        using var kill = Process.Start("kill", ["-TERM", _process.Id.ToString(CultureInfo.InvariantCulture)]);
        var life = JsonSerializer.Deserialize<SoakServer.Life>(await LineAsync())!;
        await _process.WaitForExitAsync().WaitAsync(Patience);
        return _process.ExitCode == 0 ? (life, Stopwatch.GetElapsedTime(started)) : throw new InvalidOperationException($"The server ended with {_process.ExitCode}.");
    }

    public void Dispose()
    {
        if (!_process.HasExited)
            _process.Kill();
        _process.Dispose();
    }

    private async Task<string> LineAsync() =>
        await _process.StandardOutput.ReadLineAsync().WaitAsync(Patience) ?? throw new InvalidOperationException("The server ended.");
}
