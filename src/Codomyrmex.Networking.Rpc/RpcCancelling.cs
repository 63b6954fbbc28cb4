namespace Codomyrmex.Networking.Rpc;

/// <summary>How a peer is told that a call is given up.</summary>
public enum RpcCancelling
{
    /// <summary><c>$/cancelRequest</c> with <c>id</c>, as the Language Server Protocol has it. The call is answered all the same, with the error -32800.</summary>
    LanguageServer,

    /// <summary><c>notifications/cancelled</c> with <c>requestId</c>, as the Model Context Protocol has it. The call is not answered any more.</summary>
    ModelContext,
}
