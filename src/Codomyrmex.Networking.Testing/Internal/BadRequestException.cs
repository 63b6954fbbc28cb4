namespace Codomyrmex.Networking.Testing.Internal;

/// <summary>The request's body breaks the protocol: answer with the status and close.</summary>
internal sealed class BadRequestException(int status, string message) : IOException(message)
{
    public int Status { get; } = status;
}
