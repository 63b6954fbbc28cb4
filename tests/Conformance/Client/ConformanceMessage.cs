namespace Codomyrmex.Networking.Tests.Conformance.Client;

/// <summary>A message of either kind.</summary>
internal readonly record struct ConformanceMessage(bool IsText, ReadOnlyMemory<byte> Bytes);
