using Codomyrmex.Networking.Http.Protocol;

namespace Codomyrmex.Networking.Http.Internal;

/// <summary>Reads a body as lines, or as the items of an array.</summary>
internal sealed class PieceReader(Stream body, ISplitter splitter, int? longestLine = null) : IDisposable
{
    private readonly BodyChunks _chunks = new(body, longestLine);

    /// <summary>Whether the body is over.</summary>
    public bool IsAtEnd { get; private set; }

    /// <summary>Takes a piece of what has arrived.</summary>
    /// <param name="piece">The piece; valid until the next call.</param>
    public bool TryRead(out ReadOnlySpan<byte> piece)
    {
        if (IsAtEnd)
            return splitter.TryReadRest(out piece);
        var input = _chunks.Unread;
        var isRead = splitter.TryRead(ref input, out piece);
        _chunks.Unread = input;
        return isRead;
    }

    /// <summary>Waits for more, or for the end; false once the end has been met.</summary>
    public async ValueTask<bool> FillAsync(CancellationToken cancellationToken)
    {
        if (IsAtEnd)
            return false;
        IsAtEnd = !await _chunks.FillAsync(cancellationToken).ConfigureAwait(false);
        return true;
    }

    public void Dispose()
    {
        _chunks.Dispose();
        splitter.Dispose();
    }
}
