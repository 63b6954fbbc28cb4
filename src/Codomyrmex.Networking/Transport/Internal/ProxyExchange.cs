using System.Security.Cryptography;

namespace Codomyrmex.Networking.Transport.Internal;

/// <summary>How many more bytes at least belong to an answer of which these have been received; 0 when it is complete.</summary>
internal delegate int MissingBytes(ReadOnlySpan<byte> received);

/// <summary>Requests out, answers in, over the connection to a proxy; reads not one byte more than an answer has.</summary>
/// <remarks>
/// What follows the answer belongs to the tunnel, and a stream takes nothing back. So no read asks for more than the codec says must
/// still come: an HTTP head, whose length nobody knows before its end, arrives in reads of 16 bytes and then 4 or fewer, about a dozen
/// for a usual answer, once a connection.
/// </remarks>
internal sealed class ProxyExchange(Stream stream, CancellationToken cancellationToken)
{
    private byte[] _buffer = new byte[64];

    /// <summary>Whether the proxy has sent anything yet.</summary>
    public bool HasAnswered { get; private set; }

    /// <summary>Sends a request, then wipes it: it may hold a password.</summary>
    public async ValueTask SendAsync(byte[] request)
    {
        try
        {
            await stream.WriteAsync(request, cancellationToken).ConfigureAwait(false);
            await stream.FlushAsync(cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            CryptographicOperations.ZeroMemory(request);
        }
    }

    /// <summary>Receives one answer. The memory holds until the next call.</summary>
    /// <exception cref="EndOfStreamException">The proxy closed before the answer was complete.</exception>
    /// <exception cref="FormatException">The codec refused what has come so far.</exception>
    public async ValueTask<ReadOnlyMemory<byte>> ReceiveAsync(MissingBytes missing)
    {
        var received = 0;
        while (missing(_buffer.AsSpan(0, received)) is var wanted and > 0)
        {
            if (received + wanted > _buffer.Length)
                Array.Resize(ref _buffer, Math.Max(received + wanted, _buffer.Length * 2));
            var count = await stream.ReadAsync(_buffer.AsMemory(received, wanted), cancellationToken).ConfigureAwait(false);
            if (count == 0)
                throw new EndOfStreamException();
            HasAnswered = true;
            received += count;
        }
        return _buffer.AsMemory(0, received);
    }
}
