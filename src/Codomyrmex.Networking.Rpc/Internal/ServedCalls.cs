using System.Collections.Concurrent;
using System.Text.Json;
using Codomyrmex.Networking.Rpc.Protocol;

namespace Codomyrmex.Networking.Rpc.Internal;

/// <summary>The calls of the peer that are being served: begins them, answers, and cancels what the peer gives up.</summary>
internal sealed class ServedCalls(
    RpcOptions options, RpcPeer peer, MessageAccount? account, Func<ReadOnlyMemory<byte>, CancellationToken, Task> send, Func<ReadOnlyMemory<byte>, Task> trySend, CancellationToken stop)
{
    private readonly ConcurrentDictionary<string, ServedCall> _served = new();
    private readonly (string Method, string Id) _giveUp = GiveUp(options.Cancelling);
    private long _notifications;
    private TaskCompletionSource? _stopping;
    private TaskCompletionSource? _idle;

    /// <summary>Whether nothing is being served.</summary>
    public bool IsIdle => _served.IsEmpty;

    /// <summary>The notification by which a call is given up, and its member that holds the call's id.</summary>
    public static (string Method, string Id) GiveUp(RpcCancelling how) => how == RpcCancelling.ModelContext ? ("notifications/cancelled", "requestId") : ("$/cancelRequest", "id");

    /// <summary>Begins to serve a call or a notification; done when a refusal has been sent.</summary>
    /// <param name="message">The message.</param>
    /// <param name="bytes">How long it is: what it holds of memory.</param>
    public ValueTask TakeAsync(Envelope message, int bytes)
    {
        if (message.Method == _giveUp.Method)
        {
            if (message.Parameters.ValueKind == JsonValueKind.Object && message.Parameters.TryGetProperty(_giveUp.Id, out var id) && _served.TryGetValue(id.GetRawText(), out var served))
                served.GiveUp();
            return ValueTask.CompletedTask;
        }
        if (message.Method == StreamMessages.Credit)
        {
            var (call, credit) = StreamMessages.ReadCredit(message.Parameters);
            if (_served.TryGetValue(call, out var streaming))
                streaming.Give(credit);
            return ValueTask.CompletedTask;
        }
        // As it is written: 1 and "1" are two ids.
        var key = message.IsNotification ? $"notification {Interlocked.Increment(ref _notifications)}" : message.Id.GetRawText();
        if (options.Methods?.Find(message.Method!) is not { } method)
            return RefuseAsync(message, EnvelopeError.NoMethod, "There is no such method.");
        if (_served.Count >= options.ServedCalls)
            return RefuseAsync(message, EnvelopeError.Busy, "Too many calls are being served.");
        if (account?.TryTake(bytes) == false)
            return RefuseAsync(message, EnvelopeError.Busy, "Too much is being served for this address.");
        var own = new ServedCall(method, message, peer, send, options.Clock, stop);
        if (!_served.TryAdd(key, own))
        {
            account?.Give(bytes);
            own.Dispose();
            return RefuseAsync(message, EnvelopeError.InvalidRequest, "The id is that of another call.");
        }
        // Behind the addition: whoever waits for the last one has seen this one, or this one sees that it is too late.
        if (Volatile.Read(ref _stopping) is { } stopping)
        {
            Remove(key, own, bytes);
            return new(RefuseBehindAsync(stopping.Task, message));
        }
        // Beside the reader, so that a method may call back.
        _ = Task.Run(() => ServeAsync(message, key, own, bytes), CancellationToken.None);
        return ValueTask.CompletedTask;
    }

    /// <summary>No more calls are begun: they are refused, once the peer has been told why.</summary>
    public void Stop() => Interlocked.CompareExchange(ref _stopping, new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously), null);

    /// <summary>The peer has been told that no more calls are taken.</summary>
    public void Told() => _stopping?.TrySetResult();

    /// <summary>Done when every call has been answered. Nobody begins one meanwhile.</summary>
    public async Task FinishAsync(CancellationToken cancellationToken)
    {
        Interlocked.CompareExchange(ref _idle, new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously), null);
        if (!IsIdle)
            await _idle.Task.WaitAsync(cancellationToken).ConfigureAwait(false);
    }

    private async Task RefuseBehindAsync(Task news, Envelope message)
    {
        await news.ConfigureAwait(false);
        await RefuseAsync(message, EnvelopeError.Stopping, "The server is being stopped.").ConfigureAwait(false);
    }

    private ValueTask RefuseAsync(Envelope message, int code, string why) =>
        message.IsNotification ? ValueTask.CompletedTask : new(trySend(EnvelopeWriter.Error(message.Id, code, why)));

    private async Task ServeAsync(Envelope message, string key, ServedCall own, int bytes)
    {
        var answer = await own.RunAsync().ConfigureAwait(false);
        if (!message.IsNotification && !(own.IsGivenUp && options.Cancelling == RpcCancelling.ModelContext))
        {
            // What the peer does not read is its own: it makes no room for more of its calls.
            account?.Charge(answer.Length);
            await trySend(answer).ConfigureAwait(false);
            account?.Give(answer.Length);
        }
        // Not before: answers that a peer does not read count as well.
        Remove(key, own, bytes);
    }

    private void Remove(string key, ServedCall own, int bytes)
    {
        _served.TryRemove(key, out _);
        account?.Give(bytes);
        own.Dispose();
        if (Volatile.Read(ref _idle) is { } idle && IsIdle)
            idle.TrySetResult();
    }
}
