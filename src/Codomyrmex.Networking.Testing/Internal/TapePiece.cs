namespace Codomyrmex.Networking.Testing.Internal;

/// <summary>A datagram, or all that went one way until something went the other.</summary>
internal sealed record TapePiece(bool IsSent, byte[] Bytes);
