using Microsoft.Extensions.Logging;

namespace Codomyrmex.Networking.Fleet.Internal.Hosting;

/// <summary>
/// Notes that the others have given this machine up, after it was cut off or stood still. The engine would end the process; here the machine ends, and whoever started it starts another.
/// </summary>
internal sealed class ShutOut(ILogger<ShutOut> logger) : IFatalErrorHandler
{
    private readonly TaskCompletionSource<string> _reason = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Why, once it has happened.</summary>
    public Task<string> Reason => _reason.Task;

    public bool IsUnexpected(Exception exception) => exception is not OperationCanceledException;

    public void OnFatalException(object? sender, string? context, Exception? exception)
    {
        logger.ShutOut(context ?? "", exception);
        _reason.TrySetResult(context ?? "");
    }
}
