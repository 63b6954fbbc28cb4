using System.Net;

namespace Codomyrmex.Networking.Sockets.Internal;

/// <summary>A request that waits for its reply.</summary>
internal sealed class DatagramRequest(ReadOnlyMemory<byte> data, UDPCorrelation correlation)
{
    private readonly TaskCompletionSource<UDPDatagram> _reply = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public ReadOnlyMemory<byte> Data => data;

    /// <summary>Where it went to, and its reply has to come from.</summary>
    public IPEndPoint? To { get; set; }

    public Task<UDPDatagram> Reply => _reply.Task;

    /// <summary>Takes a datagram where it is the reply.</summary>
    public bool TryTake(UDPDatagram datagram)
    {
        try
        {
            if (!correlation(data.Span, datagram.Data.Span))
                return false;
        }
        catch (Exception wrong)
        {
            // The caller's code is the caller's to hear of, and no other request's.
            _reply.TrySetException(wrong);
            return true;
        }
        _reply.TrySetResult(datagram with { Data = datagram.Data.ToArray() });
        return true;
    }

    public void Fail(Exception error)
    {
        if (_reply.TrySetException(error))
            _ = _reply.Task.Exception; // it may be told to nobody: the caller can have given up
    }
}
