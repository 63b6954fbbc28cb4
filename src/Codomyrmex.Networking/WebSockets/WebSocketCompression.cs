using System.IO.Compression;

namespace Codomyrmex.Networking.WebSockets;

/// <summary>
/// Compression of messages, permessage-deflate (RFC 7692), where the server agrees. Whoever can make a connection carry a secret and text of their own
/// may learn the secret from the size of what is sent: leave it off there, or off for such messages. Immutable.
/// </summary>
public sealed record WebSocketCompression
{
    /// <summary>The defaults.</summary>
    public static WebSocketCompression Default { get; } = new();

    /// <summary>How hard to try. The default value is <see cref="CompressionLevel.Fastest"/>.</summary>
    public CompressionLevel Level { get; init; } = CompressionLevel.Fastest;

    /// <summary>Shorter messages are sent as they are. The default value is 64 bytes.</summary>
    public int MinimumBytes { get; init; } = 64;

    /// <summary>Whether the server may compress a message with the help of those before it. The default value is true; false saves it memory.</summary>
    public bool ServerKeepsContext { get; init; } = true;

    /// <summary>Whether we do. The default value is true: smaller messages, for about 256 KiB of memory a connection; false makes every message slower.</summary>
    public bool ClientKeepsContext { get; init; } = true;

    /// <summary>Throws where a value makes no sense.</summary>
    /// <exception cref="ArgumentOutOfRangeException">A property is out of range; its name is in the message.</exception>
    public void Validate()
    {
        if (!Enum.IsDefined(Level))
            throw new ArgumentOutOfRangeException("WebSocketCompression.Level", Level, "There is no such level.");
        ArgumentOutOfRangeException.ThrowIfNegative(MinimumBytes, "WebSocketCompression.MinimumBytes");
    }
}
