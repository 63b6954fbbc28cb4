using System.Runtime.CompilerServices;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Codomyrmex.Networking.Rpc.Internal;
using Codomyrmex.Networking.Rpc.Protocol;

namespace Codomyrmex.Networking.Rpc;

/// <content>Answers that come piece by piece.</content>
public sealed partial class RpcConnection
{
    /// <summary>
    /// Calls a method that answers with a stream, and gives its items as they come. The peer sends no more than <see cref="RpcOptions.StreamWindow"/> ahead of whoever reads here;
    /// leaving the loop tells it to stop.
    /// </summary>
    /// <typeparam name="TParameters">What it takes.</typeparam>
    /// <typeparam name="TItem">What it gives, piece by piece.</typeparam>
    /// <param name="method">Its name.</param>
    /// <param name="parameters">What it takes.</param>
    /// <param name="parametersType">How to write that.</param>
    /// <param name="itemType">How to read an item.</param>
    /// <param name="options">What this call has in another way than the connection; null for nothing.</param>
    /// <param name="cancellationToken">Gives up, and tells the peer.</param>
    /// <returns>The items; the call is made when they are first asked for. A stream that ends without its end, or with items missing, ends with an error.</returns>
    /// <exception cref="RpcException">The peer answered with an error or with something else, or the conversation ended before the stream did.</exception>
    /// <exception cref="NetworkTimeoutException">No item came within <see cref="RpcOptions.CallTimeout"/>, or the stream was not over before <see cref="RpcCallOptions.Deadline"/>.</exception>
    public async IAsyncEnumerable<TItem?> StreamAsync<TParameters, TItem>(
        string method, TParameters parameters, JsonTypeInfo<TParameters> parametersType, JsonTypeInfo<TItem> itemType, RpcCallOptions? options = null,
        [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(method);
        ArgumentNullException.ThrowIfNull(parametersType);
        ArgumentNullException.ThrowIfNull(itemType);
        options ??= RpcCallOptions.Default;
        var limit = Limit(method, options);
        var id = Interlocked.Increment(ref _lastId);
        var call = new StreamedAnswer(_options.StreamWindow);
        var (isOver, isSent) = (false, true);
        using var span = RpcTelemetry.StartCall(method, Peer);
        try
        {
            // The deadline alone is the peer's affair: the time between two items begins anew with each, and only here.
            var head = Head(id, method, options.Deadline.Remaining) with { Window = _options.StreamWindow };
            try
            {
                await BeginAsync(id, call, head, JsonSerializer.SerializeToUtf8Bytes(parameters, parametersType), limit, cancellationToken).ConfigureAwait(false);
            }
            catch (NetworkException)
            {
                // There is no call that the peer could give up.
                isSent = false;
                throw;
            }
            while (true)
            {
                if (call.TryTake(out var item, out isOver))
                {
                    // Also where one item is always ready before the last one was used.
                    Limit(method, options, WasSent.Yes);
                    cancellationToken.ThrowIfCancellationRequested();
                    yield return Read(method, item, itemType);
                    if (call.TakeCredit() is > 0 and var credit)
                        await TrySendAsync(EnvelopeWriter.Call(new EnvelopeHead(null, StreamMessages.Credit), JsonSerializer.SerializeToUtf8Bytes(new StreamCredit(id, credit), RpcJson.Default.StreamCredit))).ConfigureAwait(false);
                    continue;
                }
                if (isOver)
                    break;
                await NextAsync(method, call, options, cancellationToken).ConfigureAwait(false);
            }
            CheckEnd(method, call);
        }
        finally
        {
            _calls.TryRemove(id, out _);
            if (isSent && (!isOver || call.IsOverrun))
                Abandon(id);
        }
    }

    private async Task NextAsync(string method, StreamedAnswer call, RpcCallOptions options, CancellationToken cancellationToken)
    {
        var more = call.WaitAsync();
        if (more.IsCompleted)
            return;
        var limit = Limit(method, options, WasSent.Yes);
        try
        {
            await more.WaitAsync(limit, _options.Clock, cancellationToken).ConfigureAwait(false);
        }
        catch (TimeoutException)
        {
            throw RpcFailure.TimedOut(_channel, method, limit, limit != _options.CallTimeout, WasSent.Yes);
        }
    }

    private void CheckEnd(string method, StreamedAnswer call)
    {
        if (call.IsOverrun)
            throw RpcFailure.Protocol(_channel, $"sent more items of '{method}' than the window allows", null);
        if (call.End!.Error is { } error)
            throw RpcFailure.Remote(_channel, method, error, _isPeerStopping);
        var count = StreamMessages.ReadEnd(call.End.Result);
        if (count < 0)
            throw RpcFailure.Protocol(_channel, $"answered '{method}' with one result, not with a stream", null);
        if (count != call.Taken)
            throw RpcFailure.Protocol(_channel, $"sent {call.Taken} items of '{method}' and says that they were {count}", null);
    }
}
