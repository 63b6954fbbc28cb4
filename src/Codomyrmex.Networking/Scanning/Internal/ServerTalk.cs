using Codomyrmex.Networking.Transport.Internal;

namespace Codomyrmex.Networking.Scanning.Internal;

/// <summary>
/// A connection to a stranger who is asked questions: everything that arrives is kept, up to a bound, and looked at as it comes. An end or a fault of the
/// connection ends the answer, not the interview. Not thread-safe.
/// </summary>
internal sealed class ServerTalk(Stream stream, DialedStream lowest, int maxBytes, TimeProvider clock) : IDisposable
{
    private const int FirstRoom = 4096;

    private byte[] _buffer = [];
    private int _count;
    private bool _isOver;

    /// <summary>Whether enough has arrived.</summary>
    public delegate bool IsEnough(ReadOnlySpan<byte> received);

    public Stream Stream => stream;

    /// <summary>The connection beneath TLS.</summary>
    public DialedStream Lowest => lowest;

    public ReadOnlyMemory<byte> Received => _buffer.AsMemory(0, _count);

    /// <summary>Whether the other side hung up without a word.</summary>
    public bool IsRefused => _isOver && _count == 0;

    public void Forget() => _count = 0;

    /// <summary>Sends a question and takes in the answer.</summary>
    public async Task AskAsync(ReadOnlyMemory<byte> question, IsEnough isEnough, TimeSpan wait, CancellationToken cancellationToken)
    {
        try
        {
            await stream.WriteAsync(question, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception error) when (error is IOException or NetworkException)
        {
            // It may have said why before it hung up.
        }
        await ReceiveAsync(isEnough, wait, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Takes in what arrives until it is enough, the connection ends, the bound is reached or the wait is over.</summary>
    public async Task ReceiveAsync(IsEnough isEnough, TimeSpan wait, CancellationToken cancellationToken)
    {
        using var time = new CancellationTokenSource(wait, clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(time.Token, cancellationToken);
        try
        {
            while (!_isOver && _count < maxBytes && !isEnough(_buffer.AsSpan(0, _count)))
            {
                if (_count == _buffer.Length)
                    Array.Resize(ref _buffer, Math.Min(maxBytes, Math.Max(FirstRoom, 2 * _buffer.Length)));
                var count = await stream.ReadAsync(_buffer.AsMemory(_count), either.Token).ConfigureAwait(false);
                _isOver = count == 0;
                _count += count;
            }
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            // It has nothing more to say.
        }
        catch (Exception error) when (error is IOException or NetworkException)
        {
            _isOver = true;
        }
    }

    public void Dispose() => stream.Dispose();
}
