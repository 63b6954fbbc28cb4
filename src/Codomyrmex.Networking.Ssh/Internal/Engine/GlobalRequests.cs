using Codomyrmex.Networking.Ssh.Protocol;
using Renci.SshNet;
using Renci.SshNet.Messages;

namespace Codomyrmex.Networking.Ssh.Internal.Engine;

/// <summary>
/// What a server asks of a client as a whole (RFC 4254, section 4). The engine says no to all of it and shows it to nobody; so, before a user is let in, such requests are made to look to it like a message that
/// it does show, a refusal, which itself is empty. After new keys the engine has its own way again: what is wanted here comes right after authentication.
/// </summary>
internal sealed class GlobalRequests
{
    // What comes before anybody takes it; more than these are thrown away.
    private const int MostHeld = 16;

    private readonly Lock _lock = new();
    private readonly Queue<byte[]> _held = new();
    private IMessageSink? _sink;

    private GlobalRequests()
    {
    }

    /// <summary>Takes the requests of a session that is not connected yet.</summary>
    public static GlobalRequests Attach(Session session)
    {
        var requests = new GlobalRequests();
        EngineAccess.OnAuthenticationFailure(session, (_, _) => Divert(session));
        session.RequestFailureReceived += (_, e) => requests.Take(e.Message);
        return requests;
    }

    /// <summary>Whether what looks like a refusal is none.</summary>
    public static bool IsRequest(Message refusal) => EngineAccess.PayloadOf(refusal, MessageNumbers.RequestFailure).Length > 1;

    /// <summary>Hands on what came, and what comes.</summary>
    public void Start(IMessageSink sink)
    {
        lock (_lock)
        {
            _sink = sink;
            while (_held.TryDequeue(out var request))
                sink.Received(request);
        }
    }

    private static void Divert(Session session)
    {
        if (EngineAccess.MessageMakers(session) is not { Length: > MessageNumbers.RequestFailure } makers || makers[MessageNumbers.GlobalRequest] is null)
            return;
        // Registered so that it is there to be borrowed; the engine registers it itself when the user is in.
        session.RegisterMessage("SSH_MSG_REQUEST_FAILURE");
        makers[MessageNumbers.GlobalRequest] = makers[MessageNumbers.RequestFailure];
    }

    private void Take(Message refusal)
    {
        var payload = EngineAccess.PayloadOf(refusal, MessageNumbers.GlobalRequest);
        if (payload.Length == 1)
            return;
        lock (_lock)
        {
            if (_sink is not null)
                _sink.Received(payload);
            else if (_held.Count < MostHeld)
                _held.Enqueue(payload);
        }
    }
}
