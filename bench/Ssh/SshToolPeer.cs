using System.Globalization;
using Codomyrmex.Networking.Benchmarks.Suite;

namespace Codomyrmex.Networking.Benchmarks.Ssh;

/// <summary>
/// OpenSSH's own clients. Each run is a program that connects first; that time is measured beside it and taken off, so that what is left is the task. Commands go over a master connection, as its users
/// do where it matters.
/// </summary>
internal sealed class SshToolPeer(string name, SshPlace place) : ISshPeer
{
    private readonly string _control = Path.Combine(place.Folder, "control");
    private bool _hasMaster;

    public string Name => name;

    public async Task<(double Seconds, double CpuSeconds)?> RunAsync(string verb)
    {
        if (Command(verb) is not { } command)
            return null;
        if (verb is "exec" or "parallel" && !_hasMaster)
        {
            await Programs.RunOnClientCoreAsync($"ssh {place.ToolOptions("-p")} -o ControlMaster=yes -o ControlPath={_control} -fN {place.At} </dev/null >/dev/null 2>&1");
            _hasMaster = true;
        }
        if (verb is "exec" or "parallel" or "connect")
            return await TimeAsync(command);
        var isFar = verb.StartsWith("far-", StringComparison.Ordinal);
        var (nothing, nothingCpu) = await TimeAsync(name == "sftp" ? $"echo | {Sftp(isFar)}" : $"ssh {place.ToolOptions("-p", isFar)} {place.At} true");
        var (seconds, cpu) = await TimeAsync(command);
        return (Math.Max(0.001, seconds - nothing), Math.Max(0.001, cpu - nothingCpu));
    }

    public async ValueTask DisposeAsync()
    {
        if (_hasMaster)
            await Programs.RunOnClientCoreAsync($"ssh {place.ToolOptions("-p")} -o ControlPath={_control} -O exit {place.At} 2>/dev/null");
    }

    private string? Command(string verb) => (name, verb) switch
    {
        ("sftp", "up") => $"echo put {place.Source} {place.Folder}/up | {Sftp()}",
        ("sftp", "down") => $"echo get {place.Source} {place.Folder}/down | {Sftp()}",
        ("sftp", "small") => $"{{ echo mkdir {place.Folder}/tree; echo put -r {place.Folder}/small {place.Folder}/tree; }} | {Sftp()}",
        ("sftp", "far-up") => $"echo put {place.FarSource} {place.Folder}/up | {Sftp(isFar: true)}",
        ("sftp", "far-down") => $"echo get {place.FarSource} {place.Folder}/down | {Sftp(isFar: true)}",
        ("sftp", "far-small") => $"{{ echo mkdir {place.Folder}/tree; echo put -r {place.Folder}/far-small {place.Folder}/tree; }} | {Sftp(isFar: true)}",
        ("scp", "far-up") => $"scp {place.ToolOptions("-P", isFar: true)} {place.FarSource} {place.At}:{place.Folder}/up",
        ("scp", "far-down") => $"scp {place.ToolOptions("-P", isFar: true)} {place.At}:{place.FarSource} {place.Folder}/down",
        ("scp", "up") => $"scp {place.ToolOptions("-P")} {place.Source} {place.At}:{place.Folder}/up",
        ("scp", "down") => $"scp {place.ToolOptions("-P")} {place.At}:{place.Source} {place.Folder}/down",
        ("scp", "small") => $"scp -r {place.ToolOptions("-P")} {place.Folder}/small {place.At}:{place.Folder}/tree",
        ("ssh", "up") => $"ssh {place.ToolOptions("-p")} {place.At} 'cat >{place.Folder}/up' <{place.Source}",
        ("ssh", "down") => $"ssh {place.ToolOptions("-p")} {place.At} 'cat {place.Source}' >{place.Folder}/down",
        ("ssh", "exec") => $"for i in $(seq {SshWorker.Commands}); do ssh {place.ToolOptions("-p")} -o ControlPath={_control} {place.At} true; done",
        ("ssh", "parallel") => $"seq {SshWorker.Parallel} | xargs -P {SshWorker.Parallel} -I_ ssh {place.ToolOptions("-p")} -o ControlPath={_control} {place.At} true",
        ("ssh", "connect") => $"for i in $(seq {SshWorker.Connections}); do ssh {place.ToolOptions("-p")} {place.At} true; done",
        _ => null,
    };

    private string Sftp(bool isFar = false) => $"sftp -b - {place.ToolOptions("-P", isFar)} {place.At} >/dev/null";

    private static async Task<(double Seconds, double CpuSeconds)> TimeAsync(string command)
    {
        // The shell's clock around the task alone.
        var (output, cpu) = await Programs.RunOnClientCoreAsync($"{{ start=$EPOCHREALTIME; {command}; echo $start $EPOCHREALTIME; }}");
        var times = output.Trim().Split('\n')[^1].Split(' ').Select(time => double.Parse(time, CultureInfo.InvariantCulture)).ToArray();
        return (times[1] - times[0], cpu);
    }
}
