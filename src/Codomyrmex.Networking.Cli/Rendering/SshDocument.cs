using System.Text.Json;
using Codomyrmex.Networking.Ssh;

namespace Codomyrmex.Networking.Cli.Rendering;

/// <summary>What came of a remote command, as the command line's contract lays it down.</summary>
internal static class SshDocument
{
    public static void Write(Utf8JsonWriter writer, SSHCommandResult result)
    {
        if (result.ExitCode is { } code)
            writer.WriteNumber("exitCode", code);
        else
            writer.WriteNull("exitCode");
        writer.WriteString("signal", result.Signal);
        writer.WriteString("stdout", result.Stdout);
        writer.WriteString("stderr", result.Stderr);
        writer.WriteMs("elapsedMs", result.Elapsed);
    }

    /// <summary>What the process answers for a command that ended: its status, or as a shell does, 128 and the number of the signal.</summary>
    public static int ExitCode(SSHExit exit) => exit.Code ?? exit.Signal switch
    {
        "HUP" => 129,
        "INT" => 130,
        "QUIT" => 131,
        "ILL" => 132,
        "ABRT" => 134,
        "FPE" => 136,
        "KILL" => 137,
        "USR1" => 138,
        "SEGV" => 139,
        "USR2" => 140,
        "PIPE" => 141,
        "ALRM" => 142,
        "TERM" => 143,
        _ => 255,
    };
}
