namespace Codomyrmex.Networking.Tests.Conformance.Client;

/// <summary>Connects the client under test.</summary>
/// <param name="url">The server.</param>
/// <param name="compression">The offer; null for none.</param>
/// <param name="maxMessageBytes">The largest message it may take.</param>
/// <param name="cancellationToken">Gives up.</param>
internal delegate Task<IConformanceClient> ConnectClient(Uri url, CompressionOffer? compression, int maxMessageBytes, CancellationToken cancellationToken);
