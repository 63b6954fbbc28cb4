using System.Runtime.InteropServices;
using Codomyrmex.Networking.Cli;

using var interrupted = new CancellationTokenSource();
// The first signal asks to stop cleanly; a second one, in the default way, stops at once.
Action<PosixSignalContext> stop = signal =>
{
    signal.Cancel = !interrupted.IsCancellationRequested;
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
