using Codomyrmex.Networking.WebSockets.Protocol;

namespace Codomyrmex.Networking.WebSockets.Internal;

/// <summary>Ends the reading of a connection whose peer broke the protocol. It never leaves the connection.</summary>
internal sealed class ProtocolFaultException(ProtocolFault fault) : Exception(fault.Reason)
{
    public ProtocolFault Fault { get; } = fault;
}
