using System.Text;
using Codomyrmex.Networking.Sockets.Internal;

namespace Codomyrmex.Networking.Sockets;

/// <summary>
/// Where one frame ends and the next begins in a stream of bytes. Immutable, without state, safe to share between connections and threads.
/// Derive from it for a format of your own; it never sees a socket.
/// </summary>
public abstract class Framing
{
    /// <summary>No frames: what has arrived is given out as it came, at least one byte.</summary>
    public static Framing Raw { get; } = new RawFraming();

    /// <summary>Lines that end with LF; a CR before it belongs to the end. What is sent ends with LF.</summary>
    public static Framing Lines { get; } = new DelimiterFraming("\n"u8, "\n"u8, dropsCarriageReturn: true);

    /// <summary>The same, but what is sent ends with CR LF, as most protocols of the internet want it.</summary>
    public static Framing CrLfLines { get; } = new DelimiterFraming("\n"u8, "\r\n"u8, dropsCarriageReturn: true);

    /// <summary>The length before each frame as a variable-length number of seven bits a byte, least significant first (LEB128), as Protocol Buffers delimit messages.</summary>
    public static Framing VarInt { get; } = new VarIntFraming();

    /// <summary>The most bytes that header and trailer of a frame take together.</summary>
    public abstract int Overhead { get; }

    /// <summary>Frames that end with a sequence of bytes, which a frame then cannot hold.</summary>
    /// <param name="delimiter">The sequence, 1 to 64 bytes.</param>
    /// <exception cref="ArgumentException">It is empty or too long.</exception>
    public static Framing Delimiter(ReadOnlySpan<byte> delimiter) => delimiter.Length is > 0 and <= 64
        ? new DelimiterFraming(delimiter, delimiter, dropsCarriageReturn: false)
        : throw new ArgumentException("A delimiter has 1 to 64 bytes.", nameof(delimiter));

    /// <summary>Frames that end with a text in UTF-8.</summary>
    /// <inheritdoc cref="Delimiter(ReadOnlySpan{byte})"/>
    public static Framing Delimiter(string delimiter) => Delimiter(Encoding.UTF8.GetBytes(delimiter ?? throw new ArgumentNullException(nameof(delimiter))).AsSpan());

    /// <summary>Frames of one length.</summary>
    /// <param name="length">The length in bytes.</param>
    /// <exception cref="ArgumentOutOfRangeException">It is less than 1.</exception>
    public static Framing FixedLength(int length) => new FixedLengthFraming(length);

    /// <summary>The length before each frame, as a number of a fixed size that does not count itself.</summary>
    /// <param name="bytes">The number's size: 1, 2, 4 or 8 bytes.</param>
    /// <param name="order">Which of its bytes comes first.</param>
    /// <exception cref="ArgumentOutOfRangeException">The size is another.</exception>
    public static Framing LengthPrefixed(int bytes, ByteOrder order = ByteOrder.BigEndian) => new LengthPrefixFraming(bytes, order);

    /// <summary>Looks for the first frame.</summary>
    /// <param name="received">What has arrived and was not given out; not empty.</param>
    /// <param name="searched">
    /// 0 where these bytes are seen for the first time. What is left in it comes back with the next call for the same frame, when more has arrived,
    /// so that nothing is searched twice.
    /// </param>
    public abstract FrameScan Scan(ReadOnlySpan<byte> received, ref int searched);

    /// <summary>Throws where a payload cannot be sent as one frame.</summary>
    /// <param name="payload">The payload.</param>
    /// <exception cref="ArgumentException">It holds the delimiter, or has the wrong length.</exception>
    public virtual void Check(ReadOnlySpan<byte> payload)
    {
    }

    /// <summary>Writes what comes before a payload.</summary>
    /// <param name="length">The payload's length in bytes.</param>
    /// <param name="destination">Where to; at least <see cref="Overhead"/> bytes.</param>
    /// <returns>The bytes written.</returns>
    public virtual int WriteHeader(int length, Span<byte> destination) => 0;

    /// <summary>Writes what comes after a payload.</summary>
    /// <param name="destination">Where to; at least <see cref="Overhead"/> bytes.</param>
    /// <returns>The bytes written.</returns>
    public virtual int WriteTrailer(Span<byte> destination) => 0;
}
