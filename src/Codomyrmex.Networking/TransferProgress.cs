namespace Codomyrmex.Networking;

/// <summary>How far a body or a file has got.</summary>
/// <param name="Bytes">Bytes so far.</param>
/// <param name="Total">Bytes in all, where known.</param>
public readonly record struct TransferProgress(long Bytes, long? Total);
