using Codomyrmex.Networking.Testing;

namespace Codomyrmex.Networking.Tests.Conformance.Steps;

/// <summary>Sends bytes, in writes of so many each.</summary>
internal sealed record Send(ReadOnlyMemory<byte> Bytes, int Chop = int.MaxValue) : IStep
{
    public async Task PlayAsync(WebSocketServerConnection connection, CancellationToken cancellationToken)
    {
        try
        {
            for (var rest = Bytes; !rest.IsEmpty; rest = rest[Math.Min(Chop, rest.Length)..])
                await connection.SendRawAsync(rest[..Math.Min(Chop, rest.Length)], cancellationToken);
        }
        catch (IOException)
        {
            // The client has ended already: what it said before is for the next step to see.
        }
    }
}
