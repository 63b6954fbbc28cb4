using System.Collections.Concurrent;
using System.Text.Json;
using Codomyrmex.Networking.Rpc.Protocol;

namespace Codomyrmex.Networking.Rpc.Internal;

/// <summary>The calls of the peer that are being served: runs their methods, answers, and cancels what the peer gives up.</summary>
internal sealed class ServedCalls(RpcMethods? methods, int most, Func<ReadOnlyMemory<byte>, Task> send, CancellationToken stop)
{
    public const string CancelRequest = "$/cancelRequest";

    private readonly ConcurrentDictionary<string, CancellationTokenSource> _served = new();
    private long _notifications;

    /// <summary>Begins to serve a call or a notification; done when a refusal has been sent.</summary>
    public ValueTask TakeAsync(Envelope message)
    {
        if (message.Method == CancelRequest)
        {
            if (message.Parameters.ValueKind == JsonValueKind.Object && message.Parameters.TryGetProperty("id", out var id) && _served.TryGetValue(id.GetRawText(), out var served))
                Cancel(served);
            return ValueTask.CompletedTask;
        }
        var own = CancellationTokenSource.CreateLinkedTokenSource(stop);
        // As it is written: 1 and "1" are two ids.
        var key = message.IsNotification ? $"notification {Interlocked.Increment(ref _notifications)}" : message.Id.GetRawText();
        var method = methods?.Find(message.Method!);
        (int Code, string Text) problem = method is null ? (EnvelopeError.NoMethod, "There is no such method.")
            : _served.Count >= most ? (EnvelopeError.Busy, "Too many calls are being served.")
            : !_served.TryAdd(key, own) ? (EnvelopeError.InvalidRequest, "The id is that of another call.")
            : default;
        if (problem == default)
        {
            // Beside the reader, so that a method may call back.
            _ = Task.Run(() => ServeAsync(method!, message, key, own), CancellationToken.None);
            return ValueTask.CompletedTask;
        }
        own.Dispose();
        return message.IsNotification ? ValueTask.CompletedTask : new(send(EnvelopeWriter.Error(message.Id, problem.Code, problem.Text)));
    }

    private async Task ServeAsync(ServedMethod method, Envelope message, string key, CancellationTokenSource own)
    {
        var answer = await RunAsync(method, message, own.Token).ConfigureAwait(false);
        if (!message.IsNotification)
            await send(answer).ConfigureAwait(false);
        // Not before: answers that a peer does not read count as well.
        _served.TryRemove(key, out _);
        own.Dispose();
    }

    private static async Task<ReadOnlyMemory<byte>> RunAsync(ServedMethod method, Envelope message, CancellationToken cancellationToken)
    {
        try
        {
            return EnvelopeWriter.Result(message.Id, await method.RunAsync(message.Parameters, cancellationToken).ConfigureAwait(false));
        }
        catch (RpcErrorException error)
        {
            return EnvelopeWriter.Error(message.Id, error.Code, error.Message);
        }
        catch (JsonException)
        {
            return EnvelopeWriter.Error(message.Id, EnvelopeError.Parameters, "The parameters are of another form.");
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            return EnvelopeWriter.Error(message.Id, EnvelopeError.Cancelled, "The call was cancelled.");
        }
        catch (Exception)
        {
            // What went wrong here is nobody's business there.
            return EnvelopeWriter.Error(message.Id, EnvelopeError.Internal, "The method failed.");
        }
    }

    private static void Cancel(CancellationTokenSource served)
    {
        try
        {
            served.Cancel();
        }
        catch (Exception error) when (error is ObjectDisposedException or AggregateException)
        {
            // It was done meanwhile, or what the method hung on its token failed: its own affair.
        }
    }
}
