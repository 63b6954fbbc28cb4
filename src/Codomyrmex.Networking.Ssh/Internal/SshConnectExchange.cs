using System.Diagnostics;
using Codomyrmex.Networking.Execution.Internal;
using Codomyrmex.Networking.Resilience;
using Codomyrmex.Networking.Resilience.Internal;
using Codomyrmex.Networking.Security;
using Codomyrmex.Networking.Ssh.Internal.Engine;
using Codomyrmex.Networking.Ssh.Protocol;
using Codomyrmex.Networking.Transport;
using Codomyrmex.Networking.Transport.Internal;
using Microsoft.Extensions.Logging;

namespace Codomyrmex.Networking.Ssh.Internal;

/// <summary>The connecting of an <see cref="SSHClient"/>: what is known of the host, the dial, then handshake and authentication over it.</summary>
internal sealed class SshConnectExchange(Dialer dialer, Endpoint endpoint, string user, SSHClientOptions options, RetryBudget budget) : Exchange<Multiplexer>
{
    private DialTrace? _trace;
    private NetworkPhase? _above;

    public override string Name => "SSH connect";

    /// <summary>What this connection is called among the layers of those over it.</summary>
    public string Layer { get; } = LayerOf(user, endpoint);

    /// <summary>What was agreed on and which key was shown; null where it did not come to that.</summary>
    public SSHConnectionFacts? Negotiated { get; private set; }

    /// <summary>What the connection lies on.</summary>
    public IReadOnlyList<TransportLayer> DialedLayers => _trace?.Layers ?? [];

    /// <summary>How long the key exchange took; null where it was not reached.</summary>
    public TimeSpan? Handshake { get; private set; }

    /// <summary>How long authentication took; null where it was not reached.</summary>
    public TimeSpan? Authentication { get; private set; }

    /// <summary>The layers from this one down to the one that is being made.</summary>
    public IReadOnlyList<string> WaitingAt => _above is not null || _trace is null ? [Layer]
        : _trace.Underlay is { } underlay ? [Layer, .. underlay.WaitingAt]
        : _trace.ThroughProxy is { } proxy ? [Layer, proxy.LayerName]
        : [Layer];

    public static string LayerOf(string user, Endpoint endpoint) => $"ssh {Printable.Text(user)}@{endpoint}";

    public override Endpoint Endpoint => endpoint;

    public override TimeProvider Clock => options.Clock;

    public override ILogger? Logger => options.Logger;

    public override RetryOptions Retry => options.Retry;

    public override RetryBudget? Budget => budget;

    public override PolicyDecision CheckPolicy() => options.Transport.Policy.CheckTarget(null, endpoint.Host, endpoint.Port);

    public override async ValueTask<Multiplexer> AttemptAsync(PhaseTimer timer)
    {
        _above = null;
        var trace = _trace = new DialTrace(endpoint, Clock) { WantsPlatformSocket = true };
        // By the name that the caller connects to, whatever lies in between.
        var judge = await HostKeyJudge.OpenAsync(options.HostKeys, endpoint, Clock, Ed25519.Verifier, timer.Token).ConfigureAwait(false);
        var dialed = (DialedStream)await dialer.DialAsync(new DialTarget(endpoint, null, false, []) { Layer = Layer }, options.Timeouts, trace, timer.Token).ConfigureAwait(false);
        var dialedAt = Clock.GetTimestamp();
        var setup = new LinkSetup
        {
            Endpoint = endpoint,
            User = user,
            Credentials = options.Credentials,
            Algorithms = options.Algorithms,
            AlgorithmLists = options.AlgorithmLists,
            MinimumRsaBits = options.MinimumRsaBits,
            Judge = judge,
            AnswerTimeout = options.Timeouts.FirstByte,
            Rekey = new RekeyRule(options.RekeyBytes, options.RekeyAfter, Clock),
            Clock = Clock,
            Negotiated = facts => Negotiated = facts,
        };
        long acceptedAt = 0;
        IMessageLink link;
        try
        {
            link = await EngineConnector.ConnectAsync(dialed, setup, Reached, timer.Token).ConfigureAwait(false);
        }
        finally
        {
            if (acceptedAt == 0)
                Handshake = Clock.GetElapsedTime(dialedAt);
            else
                Authentication = Clock.GetElapsedTime(acceptedAt);
        }
        var rotation = judge.Rotation([.. EngineAlgorithms.HostKeys(options.Algorithms, options.AlgorithmLists).Select(KeyTypes.OfAlgorithm)], link.SessionId);
        return new Multiplexer(link, endpoint, options.MaxSessions, options.KeepAlive, Clock, rotation) { Layers = [.. trace.Layers, new TransportLayer(Layer, Clock.GetElapsedTime(dialedAt))] };

        void Reached(NetworkPhase phase)
        {
            _above = phase;
            if (phase != NetworkPhase.Authenticate)
                return;
            acceptedAt = Clock.GetTimestamp();
            Handshake = Clock.GetElapsedTime(dialedAt, acceptedAt);
        }
    }

    // Nothing has been done yet that would be done twice.
    public override bool CanRepeat(WasSent wasSent) => true;

    public override NetworkException? Explain(Exception error, PhaseTimer timer)
    {
        if (error is NetworkException ours)
        {
            ours.Complete(ours.Failure with { Layers = ours.Layers.Count > 0 ? ours.Layers : [Layer], Attempts = ours.Attempts.Count > 0 ? ours.Attempts : _trace?.Attempts ?? [] });
            return ours;
        }
        if (error is not OperationCanceledException || !timer.HasFired)
            return null;
        return new NetworkFailure
        {
            Code = ErrorCodes.TimeoutTotal,
            Message = $"The deadline of {options.Timeouts.Total.TotalSeconds:0.###} s for an SSH connection to {endpoint} passed.",
            Phase = _above ?? _trace?.Phase ?? NetworkPhase.Prepare,
            Endpoint = endpoint,
            Attempts = _trace?.Attempts ?? [],
            Layers = WaitingAt,
        }.ToException();
    }

    public override void Describe(Multiplexer? result, ref TagList tags)
    {
        tags.Add("network.protocol.name", "ssh");
        if (_trace?.Remote is System.Net.IPEndPoint remote)
        {
            tags.Add("network.peer.address", remote.Address.ToString());
            tags.Add("network.peer.port", remote.Port);
        }
        if (result is not null)
            tags.Add("ssh.cipher", result.Facts.Encryption);
    }
}
