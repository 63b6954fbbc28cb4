using Codomyrmex.Networking.Ssh.Protocol;
using Renci.SshNet;

namespace Codomyrmex.Networking.Ssh.Internal.Engine;

/// <summary>A session of the engine as a link: our payloads out, its messages in. Agrees on new keys in time (RFC 4253, section 9; RFC 4344, section 3).</summary>
internal sealed class EngineLink(Session session, HandOver handOver, Endpoint endpoint, SSHConnectionFacts facts, RekeyRule rekey, GlobalRequests? requests) : IMessageLink
{
    private static readonly TimeSpan Farewell = TimeSpan.FromSeconds(2);

    private readonly RawMessage _message = new();
    private long _sentBytes;
    private long _receivedBytes;
    private IMessageSink? _sink;
    private int _hasEnded;

    public SSHConnectionFacts Facts => facts;

    public ReadOnlyMemory<byte> SessionId => session.SessionId;

    public void Start(IMessageSink sink)
    {
        _sink = sink;
        session.ChannelDataReceived += (_, e) =>
        {
            _receivedBytes += e.Message.Size;
            sink.ReceivedData(e.Message.LocalChannelNumber, e.Message.Data.AsSpan(e.Message.Offset, e.Message.Size));
        };
        session.ChannelExtendedDataReceived += (_, e) =>
        {
            var payload = e.Message.GetBytes();
            _receivedBytes += payload.Length;
            sink.Received(payload);
        };
        session.ChannelWindowAdjustReceived += (_, e) => sink.Received(e.Message.GetBytes());
        session.ChannelOpenConfirmationReceived += (_, e) => sink.Received(e.Message.GetBytes());
        session.ChannelOpenFailureReceived += (_, e) => sink.Received(e.Message.GetBytes());
        session.ChannelRequestReceived += (_, e) => sink.Received(e.Message.GetBytes());
        session.ChannelSuccessReceived += (_, e) => sink.Received(e.Message.GetBytes());
        session.ChannelFailureReceived += (_, e) => sink.Received(e.Message.GetBytes());
        session.ChannelEofReceived += (_, e) => sink.Received(e.Message.GetBytes());
        session.ChannelCloseReceived += (_, e) => sink.Received(e.Message.GetBytes());
        session.ChannelOpenReceived += (_, e) => sink.Received(e.Message.GetBytes());
        session.RequestSuccessReceived += (_, e) => sink.Received(EngineAccess.PayloadOf(e.Message, MessageNumbers.RequestSuccess));
        session.RequestFailureReceived += (_, e) =>
        {
            if (requests is null || !GlobalRequests.IsRequest(e.Message))
                sink.Received([MessageNumbers.RequestFailure]);
        };
        session.ErrorOccured += (_, e) => End(e.Exception);
        session.Disconnected += (_, _) => End(null);
        session.RegisterMessage("SSH_MSG_CHANNEL_OPEN");
        requests?.Start(sink);
        // It may have ended before anybody listened.
        if (!session.IsConnected)
            End(null);
    }

    public void Send(ReadOnlyMemory<byte> payload)
    {
        try
        {
            if (rekey.IsDue(_sentBytes, Volatile.Read(ref _receivedBytes)) && payload.Span[0] != MessageNumbers.Disconnect)
                BeginKeyExchange();
            _message.Payload = payload;
            EngineAccess.Send(session, _message);
            _sentBytes += payload.Length;
        }
        catch (Exception error) when (error is not NetworkException)
        {
            throw EngineErrors.Lost(error, endpoint);
        }
    }

    public async ValueTask DisposeAsync()
    {
        Interlocked.Exchange(ref _hasEnded, 1);
        // Saying goodbye waits for the socket and for the engine's thread, and a peer that does not read would keep it waiting.
        var goodbye = Task.Run(session.Dispose);
        if (await Task.WhenAny(goodbye, Task.Delay(Farewell)).ConfigureAwait(false) != goodbye)
            EngineAccess.SocketOf(session)?.Dispose();
        await handOver.DisposeAsync().ConfigureAwait(false);
        await goodbye.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    // Nothing but the exchange may follow our KEXINIT: the engine holds every other message back while the mark is not set.
    private void BeginKeyExchange()
    {
        rekey.Restart(_sentBytes, Volatile.Read(ref _receivedBytes));
        if (EngineAccess.KeysAgreed(session) is not { IsSet: true } agreed)
            return;
        agreed.Reset();
        EngineAccess.Send(session, session.ClientInitMessage);
    }

    private void End(Exception? error)
    {
        if (Interlocked.Exchange(ref _hasEnded, 1) == 0)
            _sink!.Ended(EngineErrors.Lost(handOver.Broken ?? error, endpoint));
    }
}
