using System.Runtime.InteropServices;

namespace Codomyrmex.Networking.Fleet.Cli.Commands;

/// <summary>Begins the process anew, with its arguments, in its own place: whoever watches it sees the same process (execve(2)).</summary>
internal static class ProcessRestart
{
    /// <summary>Set in a process that was begun anew.</summary>
    public const string Variable = "CODONET_FLEET_AGAIN";

    /// <summary>Does not return.</summary>
    /// <exception cref="NetworkException">The system has no such way.</exception>
    public static void Now()
    {
        if (!OperatingSystem.IsWindows())
        {
            var own = Environment.ProcessPath!;
            var arguments = Environment.GetCommandLineArgs();
            // Begun as "dotnet FILE", the file is the first argument; else the program itself.
            string?[] next = Path.GetFileNameWithoutExtension(own) == "dotnet" ? [own, .. arguments, null] : [own, .. arguments[1..], null];
            SetVariable(Variable, "1", 1);
            Execute(own, next);
        }
        throw new NetworkFailure { Code = ErrorCodes.FleetUnreachable, Message = "The others have given this machine up, and it could not be started again.", Phase = NetworkPhase.Connect }.ToException();
    }

    [DllImport("libc", EntryPoint = "execv", CharSet = CharSet.Ansi)]
    private static extern int Execute(string path, string?[] arguments);

    [DllImport("libc", EntryPoint = "setenv", CharSet = CharSet.Ansi)]
    private static extern int SetVariable(string name, string value, int replaces);
}
