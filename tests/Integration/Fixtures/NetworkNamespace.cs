using System.Diagnostics;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Codomyrmex.Networking.Tests.Integration.Fixtures;

/// <summary>
/// A network of its own, with a loopback interface and firewall rules, that lives as long as the process that holds it. A socket that is opened in it stays in it. Needs root.
/// </summary>
internal sealed class NetworkNamespace : IDisposable
{
    private const int NewNetwork = 0x40000000; // CLONE_NEWNET, sched.h

    private readonly Process _holder;

    private NetworkNamespace(Process holder) => _holder = holder;

    /// <summary>Makes one.</summary>
    /// <param name="setup">A shell script that sets up its interfaces and rules.</param>
    public static async Task<NetworkNamespace> StartAsync(string setup)
    {
        var start = new ProcessStartInfo("unshare", ["-n", "sh", "-ec", $"ip link set lo up\n{setup}\necho ready\nexec cat"])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        var holder = Process.Start(start)!;
        var errors = holder.StandardError.ReadToEndAsync();
        if (await holder.StandardOutput.ReadLineAsync() == "ready")
            return new NetworkNamespace(holder);
        throw new InvalidOperationException($"There is no network namespace to be had: {await errors}");
    }

    /// <summary>Runs what opens sockets on a thread inside of it.</summary>
    public T Open<T>(Func<T> open)
    {
        T result = default!;
        Exception? failure = null;
        // A thread of its own, which ends: nobody else's work may land in this network.
        var thread = new Thread(() =>
        {
            try
            {
                using var network = File.OpenHandle($"/proc/{_holder.Id}/ns/net");
                if (SetNamespace(network, NewNetwork) != 0)
                    throw new InvalidOperationException($"setns failed with {Marshal.GetLastPInvokeError()}.");
                result = open();
            }
            catch (Exception error)
            {
                failure = error;
            }
        });
        thread.Start();
        thread.Join();
        return failure is null ? result : throw failure;
    }

    public void Dispose()
    {
        _holder.Kill(entireProcessTree: true);
        _holder.WaitForExit();
        _holder.Dispose();
    }

    [DllImport("libc", EntryPoint = "setns", SetLastError = true)]
    private static extern int SetNamespace(SafeFileHandle network, int kind);
}
