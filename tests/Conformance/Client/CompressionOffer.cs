namespace Codomyrmex.Networking.Tests.Conformance.Client;

/// <summary>What the client under test offers in permessage-deflate.</summary>
internal sealed record CompressionOffer
{
    public bool ServerNoContextTakeover { get; init; }

    public bool ClientNoContextTakeover { get; init; }

    /// <summary>9 to 15; 15 offers no limit of its own.</summary>
    public int ServerMaxWindowBits { get; init; } = 15;

    public int ClientMaxWindowBits { get; init; } = 15;
}
