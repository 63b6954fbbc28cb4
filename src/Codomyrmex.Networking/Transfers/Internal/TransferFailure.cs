namespace Codomyrmex.Networking.Transfers.Internal;

/// <summary>Puts what goes wrong on this side of a transfer into words.</summary>
internal static class TransferFailure
{
    // ENOSPC and EDQUOT; ERROR_DISK_FULL and ERROR_HANDLE_DISK_FULL.
    private static readonly int[] DiskFull = OperatingSystem.IsWindows() ? [unchecked((int)0x80070070), unchecked((int)0x80070027)] : [28, OperatingSystem.IsLinux() ? 122 : 69];

    public static bool IsLocal(Exception error) => error is IOException or UnauthorizedAccessException;

    public static NetworkException Local(string path, Exception error) => IsFull(error)
        ? Local($"'{path}' could not be written: the disk is full.", error, "Make room, then resume: what had arrived is kept.")
        : Local($"'{path}' could not be written: {error.Message}", error, "Check the permissions and the disk there.");

    public static NetworkException Local(string message, Exception? cause = null, string? hint = null) => new NetworkFailure
    {
        Code = ErrorCodes.LocalIo,
        Message = message,
        Hint = hint,
        Phase = NetworkPhase.Receive,
    }.ToException(cause);

    public static NetworkException Exists(string path) => new NetworkFailure
    {
        Code = ErrorCodes.LocalExists,
        Message = $"'{path}' exists.",
        Phase = NetworkPhase.Prepare,
    }.ToException();

    public static NetworkException Mismatch(RemoteFile remote, string path, string what, string expected, string actual) => new NetworkFailure
    {
        Code = ErrorCodes.TransferMismatch,
        Message = $"What {remote.Endpoint} sent for '{path}' has the {what} {actual}, not {expected}; it was deleted.",
        Phase = NetworkPhase.Receive,
        Endpoint = remote.Endpoint,
        WasSent = WasSent.Yes,
    }.ToException();

    public static NetworkException Changed(RemoteFile remote, int times) => new NetworkFailure
    {
        Code = ErrorCodes.TransferChanged,
        Message = $"The file at {remote.Endpoint} changed {times} times while it was fetched.",
        Phase = NetworkPhase.Receive,
        Endpoint = remote.Endpoint,
        WasSent = WasSent.Yes,
    }.ToException();

    private static bool IsFull(Exception error) => Array.IndexOf(DiskFull, error.HResult) >= 0;
}
