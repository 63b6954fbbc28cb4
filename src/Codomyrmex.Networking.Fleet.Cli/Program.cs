using System.Runtime.InteropServices;
using Codomyrmex.Networking.Fleet;

using var interrupted = new CancellationTokenSource();
Action<PosixSignalContext> stop = signal =>
{
    signal.Cancel = !interrupted.IsCancellationRequested;
    interrupted.Cancel();
};
using var onInterrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, stop);
using var onTerminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, stop);
if (args is not ["start", var state])
    return 64;
await using var node = await FleetNode.StartAsync(new FleetOptions { StatePath = state }, interrupted.Token);
await Task.Delay(Timeout.Infinite, interrupted.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
return 0;
