using System.Collections.Concurrent;
using System.Text.Json;
using Codomyrmex.Networking.Rpc.Protocol;

namespace Codomyrmex.Networking.Rpc.Internal;

/// <summary>The calls of the peer that are being served: begins them, answers, and cancels what the peer gives up.</summary>
internal sealed class ServedCalls(RpcOptions options, RpcPeer peer, Func<ReadOnlyMemory<byte>, CancellationToken, Task> send, Func<ReadOnlyMemory<byte>, Task> trySend, CancellationToken stop)
{
    private readonly ConcurrentDictionary<string, ServedCall> _served = new();
    private readonly (string Method, string Id) _giveUp = GiveUp(options.Cancelling);
    private long _notifications;
    private TaskCompletionSource? _idle;

    /// <summary>The notification by which a call is given up, and its member that holds the call's id.</summary>
    public static (string Method, string Id) GiveUp(RpcCancelling how) => how == RpcCancelling.ModelContext ? ("notifications/cancelled", "requestId") : ("$/cancelRequest", "id");

    /// <summary>Begins to serve a call or a notification; done when a refusal has been sent.</summary>
    public ValueTask TakeAsync(Envelope message)
    {
        if (message.Method == _giveUp.Method)
        {
            if (message.Parameters.ValueKind == JsonValueKind.Object && message.Parameters.TryGetProperty(_giveUp.Id, out var id) && _served.TryGetValue(id.GetRawText(), out var served))
                served.GiveUp();
            return ValueTask.CompletedTask;
        }
        if (message.Method == StreamMessages.Credit)
        {
            var (call, bytes) = StreamMessages.ReadCredit(message.Parameters);
            if (_served.TryGetValue(call, out var streaming))
                streaming.Give(bytes);
            return ValueTask.CompletedTask;
        }
        // As it is written: 1 and "1" are two ids.
        var key = message.IsNotification ? $"notification {Interlocked.Increment(ref _notifications)}" : message.Id.GetRawText();
        if (options.Methods?.Find(message.Method!) is not { } method)
            return RefuseAsync(message, EnvelopeError.NoMethod, "There is no such method.");
        if (_served.Count >= options.ServedCalls)
            return RefuseAsync(message, EnvelopeError.Busy, "Too many calls are being served.");
        var own = new ServedCall(method, message, peer, send, options.Clock, stop);
        if (!_served.TryAdd(key, own))
        {
            own.Dispose();
            return RefuseAsync(message, EnvelopeError.InvalidRequest, "The id is that of another call.");
        }
        // Beside the reader, so that a method may call back.
        _ = Task.Run(() => ServeAsync(message, key, own), CancellationToken.None);
        return ValueTask.CompletedTask;
    }

    /// <summary>Done when every call has been answered. Nobody begins one meanwhile.</summary>
    public async Task FinishAsync(CancellationToken cancellationToken)
    {
        var idle = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        Volatile.Write(ref _idle, idle);
        if (!_served.IsEmpty)
            await idle.Task.WaitAsync(cancellationToken).ConfigureAwait(false);
    }

    private ValueTask RefuseAsync(Envelope message, int code, string why) =>
        message.IsNotification ? ValueTask.CompletedTask : new(trySend(EnvelopeWriter.Error(message.Id, code, why)));

    private async Task ServeAsync(Envelope message, string key, ServedCall own)
    {
        var answer = await own.RunAsync().ConfigureAwait(false);
        if (!message.IsNotification && !(own.IsGivenUp && options.Cancelling == RpcCancelling.ModelContext))
            await trySend(answer).ConfigureAwait(false);
        // Not before: answers that a peer does not read count as well.
        _served.TryRemove(key, out _);
        own.Dispose();
        if (Volatile.Read(ref _idle) is { } idle && _served.IsEmpty)
            idle.TrySetResult();
    }
}
