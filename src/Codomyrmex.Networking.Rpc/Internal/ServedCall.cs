using System.Diagnostics;
using System.Globalization;
using System.Text;
using System.Text.Json;
using Codomyrmex.Networking.Rpc.Protocol;

namespace Codomyrmex.Networking.Rpc.Internal;

/// <summary>One call of the peer: runs its method within the caller's time, and makes the answer.</summary>
internal sealed class ServedCall : IDisposable
{
    private readonly ServedMethod _method;
    private readonly Envelope _message;
    private readonly RpcPeer _peer;
    private readonly Func<ReadOnlyMemory<byte>, CancellationToken, Task> _send;
    private readonly CancellationTokenSource? _late;
    private readonly CancellationTokenSource _stop;
    private readonly CreditGate? _gate;
    private readonly Deadline _deadline;

    public ServedCall(ServedMethod method, Envelope message, RpcPeer peer, Func<ReadOnlyMemory<byte>, CancellationToken, Task> send, TimeProvider clock, CancellationToken stop)
    {
        (_method, _message, _peer, _send) = (method, message, peer, send);
        if (message.Timeout is { } timeout)
        {
            _deadline = Deadline.After(timeout, clock);
            _late = new CancellationTokenSource(timeout, clock);
        }
        _stop = CancellationTokenSource.CreateLinkedTokenSource(stop, _late?.Token ?? CancellationToken.None);
        _gate = message.Window is { } window ? new CreditGate(Math.Max(1, window)) : null;
    }

    /// <summary>Whether the peer gave the call up.</summary>
    public bool IsGivenUp { get; private set; }

    public void Give(int bytes) => _gate?.Give(bytes);

    public void GiveUp()
    {
        IsGivenUp = true;
        try
        {
            _stop.Cancel();
        }
        catch (Exception error) when (error is ObjectDisposedException or AggregateException)
        {
            // It was done meanwhile, or what the method hung on its token failed: its own affair.
        }
    }

    /// <summary>Runs the method to its answer.</summary>
    public async Task<ReadOnlyMemory<byte>> RunAsync()
    {
        using var span = RpcTelemetry.StartServing(_message.Method!, _message.TraceParent, _message.TraceState, _peer);
        try
        {
            var call = new RpcCall(_message.Method!, _peer, _deadline, _send);
            if (_method.IsStream)
                return await StreamAsync(call).ConfigureAwait(false);
            return EnvelopeWriter.Result(_message.Id, await _method.RunAsync(_message.Parameters, call, _stop.Token).ConfigureAwait(false));
        }
        catch (RpcErrorException error)
        {
            return Error(span, error.Code, error.Message, error.Details);
        }
        catch (JsonException)
        {
            return Error(span, EnvelopeError.Parameters, "The parameters are of another form.");
        }
        catch (Exception) when (_late?.IsCancellationRequested == true)
        {
            // Whatever a method makes of its token, the reason is this.
            return Error(span, EnvelopeError.Late, "The caller's deadline has passed.");
        }
        catch (OperationCanceledException) when (_stop.IsCancellationRequested)
        {
            return Error(span, EnvelopeError.Cancelled, "The call was cancelled.");
        }
        catch (Exception)
        {
            // What went wrong here is nobody's business there.
            return Error(span, EnvelopeError.Internal, "The method failed.");
        }
    }

    public void Dispose()
    {
        _stop.Dispose();
        _late?.Dispose();
    }

    private async Task<ReadOnlyMemory<byte>> StreamAsync(RpcCall call)
    {
        if (_gate is null)
            throw new RpcErrorException(EnvelopeError.InvalidRequest, "The method answers with a stream; the call must grant it a window.");
        var count = 0L;
        await foreach (var item in _method.StreamAsync(_message.Parameters, call, _stop.Token).WithCancellation(_stop.Token).ConfigureAwait(false))
        {
            await _gate.WaitAsync(_stop.Token).ConfigureAwait(false);
            _gate.Spend(item.Length);
            await _send(EnvelopeWriter.Item(_message.Id, item), _stop.Token).ConfigureAwait(false);
            count++;
        }
        return EnvelopeWriter.Result(_message.Id, Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{{\"items\":{count}}}")));
    }

    private ReadOnlyMemory<byte> Error(Activity? span, int code, string message, JsonElement details = default)
    {
        RpcTelemetry.Fail(span, code);
        return EnvelopeWriter.Error(_message.Id, code, message, details);
    }
}
