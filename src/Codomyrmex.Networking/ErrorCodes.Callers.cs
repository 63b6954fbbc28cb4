namespace Codomyrmex.Networking;

public static partial class ErrorCodes
{
    /// <summary>The outbox holds as many requests or bytes as it may.</summary>
    public const string OutboxFull = "outbox.full";

    /// <summary>The file of an outbox cannot be opened, read or written.</summary>
    public const string OutboxJournal = "outbox.journal";

    /// <summary>The answer of a model broke off, stalled, or ended without its terminal event.</summary>
    public const string ModelInterrupted = "model.interrupted";

    /// <summary>The service reported an error in the middle of a model's answer.</summary>
    public const string ModelError = "model.error";

    /// <summary>The service sent what is no event of a model's answer.</summary>
    public const string ModelMalformed = "model.malformed";

    /// <summary>The budget's tokens are spent.</summary>
    public const string ModelBudgetTokens = "model.budget_tokens";

    /// <summary>The budget's money is spent.</summary>
    public const string ModelBudgetCost = "model.budget_cost";

    /// <summary>The peer answered a call with an error of its own.</summary>
    public const string RpcRemote = "rpc.remote";

    /// <summary>The peer has no such method.</summary>
    public const string RpcNoMethod = "rpc.no_method";

    /// <summary>The peer does not take these parameters.</summary>
    public const string RpcInvalidParameters = "rpc.invalid_parameters";

    /// <summary>The peer sent what is no JSON-RPC 2.0, or a result of another form.</summary>
    public const string RpcProtocol = "rpc.protocol";

    /// <summary>The conversation ended before a call was answered.</summary>
    public const string RpcDisconnected = "rpc.disconnected";

    /// <summary>The peer is being stopped and takes no more calls.</summary>
    public const string RpcStopping = "rpc.stopping";

    /// <summary>What should bear a signature bears none.</summary>
    public const string SignatureMissing = "signature.missing";

    /// <summary>No signature is right and by a key that is trusted.</summary>
    public const string SignatureInvalid = "signature.invalid";

    /// <summary>The signature is right, but of another time.</summary>
    public const string SignatureExpired = "signature.expired";

    /// <summary>No machine of the fleet answered.</summary>
    public const string FleetUnreachable = "fleet.unreachable";

    /// <summary>The fleet has no such campaign or crawl, or it is not in a state for what was asked.</summary>
    public const string FleetNoCampaign = "fleet.no_campaign";

    /// <summary>No agent has the name at this moment.</summary>
    public const string FleetNoAgent = "fleet.no_agent";

    /// <summary>Another agent has the name, and keeps it.</summary>
    public const string FleetAgentTaken = "fleet.agent_taken";

    private static IReadOnlyList<ErrorCodeInfo> Callers =>
    [
        new(FleetUnreachable, typeof(NetworkException), true,
            "No machine of the fleet answered.",
            "Check that one is started there, and that this program has a certificate of the fleet's authority."),
        new(FleetNoCampaign, typeof(NetworkException), false,
            "The fleet has no such campaign or crawl, or it is not in a state for what was asked.",
            "Ask for the fleet's status, which lists its campaigns."),
        new(FleetNoAgent, typeof(NetworkException), true,
            "No agent has the name at this moment.",
            "Nothing was sent. Call again in a while: an agent that was lost can come back elsewhere once its lease is over."),
        new(FleetAgentTaken, typeof(NetworkException), true,
            "Another agent has the name, and keeps it for as long as it renews its lease.",
            "Stop the other one, take another name, or wait for longer (FleetAgentOptions.ClaimTimeout)."),
        new(OutboxFull, typeof(NetworkException), true,
            "The outbox holds as many requests or bytes as it may.",
            "Deliver what waits, or let more wait (OutboxOptions.MaxEntries, OutboxOptions.MaxBytes)."),
        new(OutboxJournal, typeof(NetworkException), false,
            "The file of an outbox cannot be opened, read or written.",
            "The message says why; another process may have it open, or the disk is full."),
        new(ModelInterrupted, typeof(ModelException), true,
            "The answer of a model broke off, stalled, or ended without its terminal event.",
            "Keep the partial answer, ask for the rest, or ask again; the inner exception says how it broke."),
        new(ModelError, typeof(ModelException), true,
            "The service reported an error in the middle of a model's answer.",
            "Ask again where it is transient; the service's own word for it is kept (ModelStreamException.RemoteKind)."),
        new(ModelMalformed, typeof(ModelException), false,
            "The service sent what is no event of a model's answer.",
            "Check the format (ModelStreamOptions.Format) and the URL."),
        new(ModelBudgetTokens, typeof(ModelException), false,
            "The budget's tokens are spent.",
            "Give the task a larger budget (ModelBudget), or keep the partial answer."),
        new(ModelBudgetCost, typeof(ModelException), false,
            "The budget's money is spent.",
            "Give the task a larger budget (ModelBudget), or keep the partial answer."),
        new(RpcRemote, typeof(RpcException), false,
            "The peer answered a call with an error of its own.",
            "Its code and message say why (RpcException.RemoteCode)."),
        new(RpcNoMethod, typeof(RpcException), false,
            "The peer has no such method.",
            "Check the name, and which version the peer speaks."),
        new(RpcInvalidParameters, typeof(RpcException), false,
            "The peer does not take these parameters.",
            "Check their names and types."),
        new(RpcProtocol, typeof(RpcException), false,
            "The peer sent what is no JSON-RPC 2.0, or a result of another form.",
            "Check the framing, and the type that the result is read as."),
        new(RpcDisconnected, typeof(RpcException), true,
            "The conversation ended before a call was answered.",
            "Connect again; whether the call was served, only the peer knows."),
        new(RpcStopping, typeof(RpcException), true,
            "The peer is being stopped and takes no more calls.",
            "The call was not served: connect again, to the one that takes its place."),
        new(SignatureMissing, typeof(NetworkException), false,
            "What should bear a signature bears none.",
            "Ask the sender to sign, or accept it unsigned on purpose."),
        new(SignatureInvalid, typeof(NetworkException), false,
            "No signature is right and by a key that is trusted.",
            "Do not believe it; check which keys the sender has now."),
        new(SignatureExpired, typeof(NetworkException), false,
            "The signature is right, but of another time.",
            "Check both clocks; somebody may be sending an old message again."),
    ];
}
