using System.Runtime.InteropServices;
using Codomyrmex.Networking.Cli;

using var interrupted = new CancellationTokenSource();
// The first signal asks to stop cleanly; a second one, in the default way, stops at once. Some send the first twice: to the process, and to its group.
var first = 0L;
Action<PosixSignalContext> stop = signal =>
{
    var now = Environment.TickCount64;
    signal.Cancel = Interlocked.CompareExchange(ref first, now, 0) is var before && (before == 0 || now - before < 500);
    interrupted.Cancel();
};
using var onInterrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, stop);
using var onTerminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, stop);
var run = Application.RunAsync(args, ConsoleStreams.Context(interrupted.Token));
// Not await: the platform's wait for Main spins, which on a busy machine takes the time from the threads that are waited for.
using var done = new ManualResetEvent(false);
run.GetAwaiter().OnCompleted(() => done.Set());
done.WaitOne();
return run.GetAwaiter().GetResult();
