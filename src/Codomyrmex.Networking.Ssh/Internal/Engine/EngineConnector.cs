using Codomyrmex.Networking.Transport.Internal;
using Renci.SshNet;
using Renci.SshNet.Common;

namespace Codomyrmex.Networking.Ssh.Internal.Engine;

/// <summary>Makes a link of a connection that the dialer made: identifications, key exchange, host key, authentication.</summary>
internal static class EngineConnector
{
    /// <param name="dialed">The connection; it belongs to the link, and is closed where none comes about.</param>
    /// <param name="setup">Who wants what.</param>
    /// <param name="phase">Told how far it is.</param>
    /// <param name="cancellationToken">Breaks the connection off.</param>
    public static async Task<IMessageLink> ConnectAsync(DialedStream dialed, LinkSetup setup, Action<NetworkPhase> phase, CancellationToken cancellationToken)
    {
        var handOver = new HandOver(dialed, setup.Endpoint);
        Session? session = null;
        HostKeyHook? hook = null;
        var credentials = EngineCredentials.Prepare(setup, cancellationToken);
        var reached = NetworkPhase.Handshake;
        try
        {
            phase(reached);
            string? banner = null;
            var connection = new ConnectionInfo("127.0.0.1", handOver.Port, setup.User, [.. await credentials.LoadAsync().ConfigureAwait(false)]) { Timeout = setup.AnswerTimeout };
            EngineAlgorithms.Keep(connection.KeyExchangeAlgorithms, EngineAlgorithms.Exchanges(setup.Algorithms, setup.AlgorithmLists));
            EngineAlgorithms.Keep(connection.Encryptions, EngineAlgorithms.Ciphers(setup.Algorithms, setup.AlgorithmLists));
            EngineAlgorithms.Keep(connection.HmacAlgorithms, EngineAlgorithms.Integrity(setup.Algorithms, setup.AlgorithmLists));
            EngineAlgorithms.Keep(connection.HostKeyAlgorithms, EngineAlgorithms.HostKeys(setup.Algorithms, setup.AlgorithmLists));
            EngineAlgorithms.Keep(connection.CompressionAlgorithms, ["none"]);
            connection.AuthenticationBanner += (_, e) => banner = (banner + e.BannerMessage) is { Length: <= 64 * 1024 } text ? text : banner;
            session = EngineAccess.NewSession(connection);
            hook = HostKeyHook.Attach(session, setup.Judge);
            var requests = setup.Judge.FollowsRotation ? GlobalRequests.Attach(session) : null;
            hook.OnShown = shown => setup.Negotiated?.Invoke(Facts(connection, shown, banner));
            hook.OnAccepted = fingerprint =>
            {
                phase(reached = NetworkPhase.Authenticate);
                credentials.Confine(connection.AuthenticationMethods, fingerprint);
            };
            var connected = session;
            connected.ServerIdentificationReceived += (_, _) => handOver.Complete(connected);
            // Whatever the engine waits for then fails: it does not look at the token any more.
            using var breakOff = cancellationToken.UnsafeRegister(_ => handOver.BreakOff(connected), null);
            // The engine waits on handles, so it gets a thread of its own for the time of the handshake.
            var engine = Task.Factory.StartNew(connected.Connect, CancellationToken.None, TaskCreationOptions.LongRunning | TaskCreationOptions.DenyChildAttach, TaskScheduler.Default);
            await GreetAsync(handOver, connected, engine, cancellationToken).ConfigureAwait(false);
            await engine.ConfigureAwait(false);
            if (hook.Refusal is not null || hook.Accepted is not { } fingerprint || !connected.IsConnected)
                throw hook.Refusal ?? EngineErrors.NotConnected(new ObjectDisposedException("session"), reached, setup);
            return new EngineLink(connected, handOver, setup.Endpoint, Facts(connection, fingerprint, banner), setup.Rekey, requests);
        }
        catch (Exception error)
        {
            if (session is not null)
                await Task.Run(session.Dispose, CancellationToken.None).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            await handOver.DisposeAsync().ConfigureAwait(false);
            if (cancellationToken.IsCancellationRequested)
                throw new OperationCanceledException(cancellationToken);
            throw hook?.Refusal ?? credentials.Failure ?? (error is NetworkException ? null : handOver.Stranger(hadTime: error is SshOperationTimeoutException, error)) ?? EngineErrors.NotConnected(error, reached, setup);
        }
        finally
        {
            credentials.Dispose();
        }
    }

    // Either side may fail first, and leaves the other waiting.
    private static async Task GreetAsync(HandOver handOver, Session session, Task engine, CancellationToken cancellationToken)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var greeting = handOver.GreetAsync(session, stop.Token);
        if (await Task.WhenAny(greeting, engine).ConfigureAwait(false) == engine)
            await stop.CancelAsync().ConfigureAwait(false);
        try
        {
            await greeting.ConfigureAwait(false);
        }
        catch
        {
            // What the greeting found out is the reason, unless it was only stopped.
            handOver.BreakOff(session);
            await engine.ConfigureAwait(greeting.IsFaulted ? ConfigureAwaitOptions.SuppressThrowing : ConfigureAwaitOptions.None);
            throw;
        }
    }

    private static SSHConnectionFacts Facts(ConnectionInfo connection, string fingerprint, string? banner) => new()
    {
        ServerVersion = Printable.Text(connection.ServerVersion ?? ""),
        KeyExchange = connection.CurrentKeyExchangeAlgorithm ?? "",
        HostKeyAlgorithm = connection.CurrentHostKeyAlgorithm ?? "",
        HostKeyFingerprint = fingerprint,
        Encryption = connection.CurrentClientEncryption ?? "",
        Integrity = connection.CurrentClientHmacAlgorithm,
        Banner = banner,
    };
}
