using Codomyrmex.Networking.Cli.Parsing;
using Codomyrmex.Networking.Cli.Rendering;

namespace Codomyrmex.Networking.Cli.Commands;

/// <summary><c>explain</c>: takes a connection apart, layer by layer.</summary>
internal static class ExplainCommand
{
    public static readonly Option Tls = new("--tls", null, "speak TLS to HOST:PORT; implied for the ports that always do (443, 8443, 465, 636, 853, 993, 995)");

    public static readonly Option Identity = new("--identity", "FILE", "a private key for SSH servers, those of --jump too; without one nothing is shown to the target") { IsRepeatable = true, IsFile = true };

    public static Command Make() => new("explain", "URL|HOST:PORT", "show a connection layer by layer: where time goes and where it breaks",
        [
            new OptionGroup("Target", [Tls]), ConnectionOptions.ProbeTime, new OptionGroup("Connection", [SshOptions.Jump, .. ConnectionOptions.Way.Options]), ConnectionOptions.Permission, ConnectionOptions.Tls,
            new OptionGroup("SSH", [Identity, SshOptions.KnownHosts, SshOptions.HostKey]), GeneralOptions.Plain,
        ], RunAsync)
    {
        LeastPositionals = 1,
        MostPositionals = 1,
        Details =
        [
            "Looks up the name, tries its addresses, passes proxy and jumps, shakes hands under TLS, and for a URL asks once with GET; redirects are " +
            "shown, not followed. The exit code is the one of the failure found.",
            "Other URLs: ws:// and wss:// for the handshake of a WebSocket; ssh:// and sftp:// for algorithms, host key and what lets one in; tcp://HOST:PORT for what " +
            "the peer says first; tls://HOST:PORT; dns://SERVER[:PORT][/NAME] for a name server over UDP.",
        ],
        Examples = ["explain https://example.com/", "explain db.example.com:5432", "explain ssh://ada@build.example.com", "explain wss://stream.example.com/feed --jump ada@gate.example.com", "explain https://10.0.0.7:8443/ --cacert ca.pem --json"],
    };

    private static async Task<int> RunAsync(Invocation run)
    {
        var explanation = await Explanation.MakeAsync(run);
        if (run.IsJson)
            JsonOutput.Write(run.Context.Out, writer => ExplainDocument.Write(writer, explanation));
        else
            ExplainText.Write(run.Out, explanation, run.IsQuiet);
        return explanation.Failure is { } failure ? ExitCodes.Of(failure) : ExitCodes.Done;
    }
}
