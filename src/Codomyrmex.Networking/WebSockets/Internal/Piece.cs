namespace Codomyrmex.Networking.WebSockets.Internal;

/// <summary>A part of a message as it was received; most messages are one.</summary>
/// <param name="Buffer">Where its bytes lie.</param>
/// <param name="Offset">Where they begin.</param>
/// <param name="Length">How many there are.</param>
/// <param name="Marks">What it is.</param>
internal readonly record struct Piece(ReceiveBuffer Buffer, int Offset, int Length, PieceMarks Marks)
{
    public bool Is(PieceMarks marks) => (Marks & marks) == marks;

    public ReadOnlyMemory<byte> Memory => Buffer.Array.AsMemory(Offset, Length);

    public ReadOnlySpan<byte> Span => Buffer.Array.AsSpan(Offset, Length);
}
