using Codomyrmex.Networking.Ssh;
using Codomyrmex.Networking.Transport;

namespace Codomyrmex.Networking.Cli.Commands;

/// <summary>What is to be explained, and how it may be asked.</summary>
/// <param name="Target">Whom to ask.</param>
/// <param name="Shell">The settings of an SSH connection; how connections are made and how long they may take is theirs, too.</param>
/// <param name="Clock">The clock.</param>
/// <param name="Cancelled">Fires when nobody wants to know any more.</param>
internal sealed record ExplainQuestion(ExplainTarget Target, SSHClientOptions Shell, TimeProvider Clock, CancellationToken Cancelled)
{
    public TransportOptions Transport => Shell.Transport;

    public Timeouts Timeouts => Shell.Timeouts;
}
