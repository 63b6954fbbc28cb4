using System.Runtime.InteropServices;
using Codomyrmex.Networking.Cli;
using Codomyrmex.Networking.Fleet.Cli.Commands;

using var interrupted = new CancellationTokenSource();
// The first signal asks to stop cleanly; a second one, in the default way, stops at once.
Action<PosixSignalContext> stop = signal =>
{
    signal.Cancel = !interrupted.IsCancellationRequested;
    interrupted.Cancel();
};
using var onInterrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, stop);
using var onTerminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, stop);
return await Application.RunAsync(args, ConsoleStreams.Context(interrupted.Token), FleetCommands.All);
