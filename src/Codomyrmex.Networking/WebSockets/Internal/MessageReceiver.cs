using System.Buffers;
using System.Runtime.CompilerServices;

namespace Codomyrmex.Networking.WebSockets.Internal;

/// <summary>
/// Puts messages together for one receiver at a time. A message that arrived in one piece is handed out where it lies; others are copied together. Either
/// way the memory is the receiver's until it asks for the next one.
/// </summary>
internal sealed class MessageReceiver(PieceQueue queue)
{
    private const int FirstAssembly = 4 * 1024;

    private Piece[] _pieces = [];
    private int _next;
    private int _count;
    private ReceiveBuffer? _held;
    private byte[] _assembled = [];
    private int _length;
    private bool _isHandedOut;
    private bool _skipsRest;
    private int _isWaiting;

    /// <summary>Another number for each message that is asked for: what was handed out before is not to be used any more.</summary>
    public int Version { get; private set; }

    /// <summary>Receives the next message if it is there already, in one piece.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool TryReceive(out WebSocketMessage message)
    {
        if (_next < _count && !_skipsRest && _isWaiting == 0 && _pieces[_next].Is(PieceMarks.Whole))
        {
            LetGo();
            message = Message(Take());
            return true;
        }
        message = default;
        return false;
    }

    /// <summary>Receives the next message. Cancelled in the middle of one, it goes on with that the next time.</summary>
    /// <returns>Null where no more come.</returns>
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    public async ValueTask<WebSocketMessage?> ReceiveAsync(CancellationToken cancellationToken)
    {
        BeginWait();
        try
        {
            while (await SkipToNextAsync(cancellationToken).ConfigureAwait(false))
            {
                var piece = Take();
                if (piece.Is(PieceMarks.Whole))
                    return Message(piece);
                Append(piece);
                if (piece.Is(PieceMarks.Last))
                {
                    _isHandedOut = true;
                    return new WebSocketMessage(this, Version, KindOf(piece), _assembled.AsMemory(0, _length));
                }
                LetGo(keepsVersion: true);
            }
            return null;
        }
        finally
        {
            Volatile.Write(ref _isWaiting, 0);
        }
    }

    /// <summary>Begins to receive a message in parts.</summary>
    /// <returns>Null where no more come.</returns>
    public async ValueTask<WebSocketMessageStream?> ReceiveStreamAsync(CancellationToken cancellationToken)
    {
        BeginWait();
        try
        {
            queue.WantsParts = true;
            if (!await SkipToNextAsync(cancellationToken).ConfigureAwait(false))
                return null;
            _skipsRest = true;
            // What a cancelled call has put together already comes first.
            var begun = _assembled.AsMemory(0, _length);
            _isHandedOut = _length > 0;
            return new WebSocketMessageStream(this, Version, KindOf(_pieces[_next]), begun);
        }
        finally
        {
            Volatile.Write(ref _isWaiting, 0);
        }
    }

    /// <summary>The next part of the message that is received in parts.</summary>
    /// <returns>Null where the connection ended before the message did.</returns>
    public async ValueTask<Piece?> NextPartAsync(CancellationToken cancellationToken)
    {
        BeginWait(keepsVersion: true);
        try
        {
            if (!await ThereIsMoreAsync(cancellationToken).ConfigureAwait(false))
                return null;
            var piece = Take();
            _skipsRest = !piece.Is(PieceMarks.Last);
            queue.WantsParts = _skipsRest;
            return piece;
        }
        finally
        {
            Volatile.Write(ref _isWaiting, 0);
        }
    }

    /// <summary>Lets go of the message that was handed out.</summary>
    public void LetGo(bool keepsVersion = false)
    {
        if (!keepsVersion)
            Version++;
        if (_held is not { } held)
            return;
        _held = null;
        held.Release();
    }

    private void BeginWait(bool keepsVersion = false)
    {
        if (Interlocked.Exchange(ref _isWaiting, 1) != 0)
            throw new InvalidOperationException("A message is being received already: one receiver at a time.");
        LetGo(keepsVersion);
        if (keepsVersion)
            return;
        queue.WantsParts = false;
        if (!_isHandedOut)
            return;
        if (_assembled.Length > 0)
            ArrayPool<byte>.Shared.Return(_assembled);
        (_assembled, _length, _isHandedOut) = ([], 0, false);
    }

    /// <summary>Moves on to a piece, behind a message of which nobody wants the rest.</summary>
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    private async ValueTask<bool> SkipToNextAsync(CancellationToken cancellationToken)
    {
        while (await ThereIsMoreAsync(cancellationToken).ConfigureAwait(false))
        {
            if (!_skipsRest)
                return true;
            _skipsRest = !Take().Is(PieceMarks.Last);
            LetGo(keepsVersion: true);
        }
        return false;
    }

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    private async ValueTask<bool> ThereIsMoreAsync(CancellationToken cancellationToken)
    {
        while (_next == _count)
        {
            _count = queue.TakeAll(ref _pieces);
            _next = 0;
            if (_count == 0 && !await queue.WaitAsync(cancellationToken).ConfigureAwait(false))
                return false;
        }
        return true;
    }

    private Piece Take()
    {
        var piece = _pieces[_next++];
        if (piece.Is(PieceMarks.EndsBatch))
            _held = piece.Buffer;
        return piece;
    }

    private void Append(in Piece piece)
    {
        if (_length + piece.Length > _assembled.Length)
        {
            var larger = ArrayPool<byte>.Shared.Rent(Math.Max(Math.Max(FirstAssembly, _length * 2), _length + piece.Length));
            _assembled.AsSpan(0, _length).CopyTo(larger);
            if (_assembled.Length > 0)
                ArrayPool<byte>.Shared.Return(_assembled);
            _assembled = larger;
        }
        piece.Span.CopyTo(_assembled.AsSpan(_length));
        _length += piece.Length;
    }

    private WebSocketMessage Message(in Piece piece) => new(this, Version, KindOf(piece), piece.Memory);

    private static WebSocketMessageKind KindOf(in Piece piece) => piece.Is(PieceMarks.Binary) ? WebSocketMessageKind.Binary : WebSocketMessageKind.Text;
}
