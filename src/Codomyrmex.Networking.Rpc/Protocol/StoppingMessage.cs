using System.Text;

namespace Codomyrmex.Networking.Rpc.Protocol;

/// <summary>The notification that its sender takes no more calls, and will end the conversation when those under way are answered.</summary>
internal static class StoppingMessage
{
    public const string Method = "$/stopping";

    public static ReadOnlyMemory<byte> Bytes { get; } = Encoding.ASCII.GetBytes($$"""{"jsonrpc":"2.0","method":"{{Method}}"}""");
}
