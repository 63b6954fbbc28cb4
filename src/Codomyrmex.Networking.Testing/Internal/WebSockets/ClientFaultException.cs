namespace Codomyrmex.Networking.Testing.Internal.WebSockets;

/// <summary>The client broke the protocol: the connection is closed with the code.</summary>
internal sealed class ClientFaultException(int code, string message) : IOException(message)
{
    public int Code { get; } = code;
}
