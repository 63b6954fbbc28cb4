namespace Codomyrmex.Networking.Tests.Conformance.Client;

/// <summary>What the client under test offers in permessage-deflate. Windows are not among it: ours takes any, and offers no smaller one of its own.</summary>
internal sealed record CompressionOffer(bool ServerNoContextTakeover = false, bool ClientNoContextTakeover = false);
