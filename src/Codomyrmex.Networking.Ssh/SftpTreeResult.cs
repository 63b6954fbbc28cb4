namespace Codomyrmex.Networking.Ssh;

/// <summary>What came of a directory that was sent, fetched or made equal.</summary>
/// <param name="Files">Files that were transferred.</param>
/// <param name="Bytes">Their bytes.</param>
/// <param name="Unchanged">Files that were the same already.</param>
/// <param name="Deleted">Files, directories and links that were deleted from the target.</param>
/// <param name="Skipped">Links and special files that were left out.</param>
/// <param name="Elapsed">How long it took.</param>
public sealed record SftpTreeResult(int Files, long Bytes, int Unchanged, int Deleted, int Skipped, TimeSpan Elapsed);
