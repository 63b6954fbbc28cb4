namespace Codomyrmex.Networking.Http.Protocol;

/// <summary>Takes pieces off a stream of bytes, wherever the bytes are cut.</summary>
internal interface ISplitter : IDisposable
{
    /// <summary>Takes a piece off the input's front. Where none is complete, all of the input is kept for the next call.</summary>
    /// <param name="input">The bytes that follow those of the last call; what is left of them.</param>
    /// <param name="piece">The piece; valid until the next call and as long as the input.</param>
    /// <exception cref="HTTPException">The piece is longer than allowed (<c>http.too_large</c>), or the bytes are of another kind (<c>http.decode</c>).</exception>
    bool TryRead(scoped ref ReadOnlySpan<byte> input, out ReadOnlySpan<byte> piece);

    /// <summary>Takes what is left once the stream is over.</summary>
    /// <param name="piece">The piece; valid until the next call.</param>
    bool TryReadRest(out ReadOnlySpan<byte> piece);
}
