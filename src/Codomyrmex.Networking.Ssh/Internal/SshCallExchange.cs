using System.Diagnostics;
using Codomyrmex.Networking.Execution.Internal;
using Codomyrmex.Networking.Resilience;
using Codomyrmex.Networking.Resilience.Internal;
using Codomyrmex.Networking.Security;
using Codomyrmex.Networking.Transport.Internal;
using Microsoft.Extensions.Logging;

namespace Codomyrmex.Networking.Ssh.Internal;

/// <summary>A call over a connection: a command, a transfer. Tried once: nobody knows what one that failed has done.</summary>
internal sealed class SshCallExchange<TResult>(SSHClient client, string name, Func<CancellationToken, Task<TResult>> call, Func<TResult, (string Name, object? Value)>? describe = null) : Exchange<TResult>
{
    public override string Name => name;

    public override Endpoint Endpoint => client.Endpoint;

    public override TimeProvider Clock => client.Options.Clock;

    public override ILogger? Logger => client.Options.Logger;

    public override RetryOptions Retry => RetryOptions.None;

    public override RetryBudget? Budget => null;

    public override PolicyDecision CheckPolicy() => client.Options.Transport.Policy.CheckTarget(null, Endpoint.Host, Endpoint.Port);

    public override async ValueTask<TResult> AttemptAsync(PhaseTimer timer) => await call(timer.Token).ConfigureAwait(false);

    public override bool CanRepeat(WasSent wasSent) => false;

    public override NetworkException? Explain(Exception error, PhaseTimer timer) => error as NetworkException;

    public override void Describe(TResult? result, ref TagList tags)
    {
        tags.Add("network.protocol.name", "ssh");
        tags.Add("ssh.operation", name);
        if (result is not null && describe?.Invoke(result) is { } tag)
            tags.Add(tag.Name, tag.Value);
    }
}
