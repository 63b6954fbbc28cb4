namespace Codomyrmex.Networking.Sockets;

/// <summary>What a <see cref="Framing"/> found at the beginning of the bytes it was given.</summary>
public readonly struct FrameScan : IEquatable<FrameScan>
{
    private FrameScan(int start, long length, int consumed, string? problem) =>
        (Start, Length, Consumed, Problem) = (start, length, consumed, problem);

    /// <summary>Whether a whole frame is there.</summary>
    public bool IsComplete => Consumed > 0;

    /// <summary>Where the frame's payload begins.</summary>
    public int Start { get; }

    /// <summary>The payload's length in bytes; of an incomplete frame only where it is known already, -1 otherwise.</summary>
    public long Length { get; }

    /// <summary>Bytes that the frame takes with its header and trailer; 0 where it is incomplete.</summary>
    public int Consumed { get; }

    /// <summary>Why this can never become a frame; null where it can.</summary>
    public string? Problem { get; }

    /// <summary>A whole frame.</summary>
    /// <param name="start">Where its payload begins.</param>
    /// <param name="length">The payload's length.</param>
    /// <param name="consumed">Bytes that it takes with its header and trailer, at least 1.</param>
    public static FrameScan Complete(int start, int length, int consumed) => new(start, length, consumed, null);

    /// <summary>More bytes are needed.</summary>
    /// <param name="start">Where the payload begins, where known.</param>
    /// <param name="length">The payload's length where it is known already, so that a frame that is too long is refused at once; -1 otherwise.</param>
    public static FrameScan Incomplete(int start = 0, long length = -1) => new(start, length, 0, null);

    /// <summary>No byte that may follow makes this a frame.</summary>
    /// <param name="problem">Why, as the end of a sentence that begins with the peer: <c>sent a length of 11 bytes</c>.</param>
    public static FrameScan Malformed(string problem) => new(0, -1, 0, problem);

    /// <inheritdoc/>
    public bool Equals(FrameScan other) =>
        Start == other.Start && Length == other.Length && Consumed == other.Consumed && Problem == other.Problem;

    /// <inheritdoc/>
    public override bool Equals(object? obj) => obj is FrameScan other && Equals(other);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(Start, Length, Consumed, Problem);

    /// <summary>Whether two findings are the same.</summary>
    public static bool operator ==(FrameScan left, FrameScan right) => left.Equals(right);

    /// <summary>Whether two findings differ.</summary>
    public static bool operator !=(FrameScan left, FrameScan right) => !left.Equals(right);
}
