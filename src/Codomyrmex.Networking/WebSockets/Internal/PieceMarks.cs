namespace Codomyrmex.Networking.WebSockets.Internal;

/// <summary>What a <see cref="Piece"/> is.</summary>
[Flags]
internal enum PieceMarks
{
    None = 0,

    /// <summary>A message begins with it.</summary>
    First = 1,

    /// <summary>The message ends with it.</summary>
    Last = 2,

    Whole = First | Last,

    /// <summary>The message is binary.</summary>
    Binary = 4,

    /// <summary>The last one of its batch: whoever has used it releases the buffer.</summary>
    EndsBatch = 8,
}
