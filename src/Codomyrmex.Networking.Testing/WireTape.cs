using System.Net;
using System.Text;
using Codomyrmex.Networking.Testing.Internal;

namespace Codomyrmex.Networking.Testing;

/// <summary>
/// What went both ways over one connection, or between two sockets, written down as text that people read and compare, and played again without the peer. Secrets that can be seen in
/// text are masked before anything is written down. Recording is thread-safe; a tape is played by one at a time.
/// </summary>
/// <remarks>
/// A line begins with <c>&gt; </c> for what was sent, <c>&lt; </c> for what was received, and two spaces for what goes on from the line above. Line breaks are written as <c>\n</c> and end a
/// line; bytes that are no printable ASCII as <c>\xNN</c>. How bytes were cut into reads and writes leaves no trace, so that two runs can be compared; datagrams keep their ends.
/// </remarks>
public sealed class WireTape
{
    private readonly List<TapePiece> _pieces = [];
    private readonly Lock _lock = new();

    /// <summary>Called for each piece before it is written down or compared with what is, behind the library's own masking. The default value is null.</summary>
    public Func<ReadOnlyMemory<byte>, ReadOnlyMemory<byte>>? Mask { get; init; }

    /// <summary>Reads a tape.</summary>
    /// <param name="text">Its text.</param>
    /// <param name="mask">See <see cref="Mask"/>: the same as it was recorded with.</param>
    /// <exception cref="FormatException">It is none; the message names the line.</exception>
    public static WireTape Parse(string text, Func<ReadOnlyMemory<byte>, ReadOnlyMemory<byte>>? mask = null)
    {
        ArgumentNullException.ThrowIfNull(text);
        var tape = new WireTape { Mask = mask };
        tape._pieces.AddRange(TapeText.Read(text));
        return tape;
    }

    /// <summary>Reads a tape from a file.</summary>
    /// <param name="path">The file.</param>
    /// <param name="mask">See <see cref="Mask"/>: the same as it was recorded with.</param>
    /// <exception cref="FormatException">It is none; the message names the line.</exception>
    public static WireTape Load(string path, Func<ReadOnlyMemory<byte>, ReadOnlyMemory<byte>>? mask = null) => Parse(File.ReadAllText(path), mask);

    /// <summary>Writes the tape into a file, and replaces it.</summary>
    /// <param name="path">The file.</param>
    public void Save(string path) => File.WriteAllText(path, ToString());

    /// <summary>Records what passes through a stream; put it around the stream of <c>TransportOptions.DialOver</c>.</summary>
    /// <param name="inner">What is recorded; disposed with the result.</param>
    public Stream Record(Stream inner)
    {
        ArgumentNullException.ThrowIfNull(inner);
        return new RecordingStream(inner, this);
    }

    /// <summary>
    /// Plays the peer: gives what was received once what was sent before it has been sent again. What is sent and was not on the tape is an <see cref="IOException"/> that shows both. For
    /// <c>TransportOptions.DialOver</c>.
    /// </summary>
    public Stream Play() => new TapeStream(Snapshot(), Masked);

    /// <summary>Records datagrams between one client and a server: the client sends to the relay, which sends on.</summary>
    /// <param name="server">The server's address.</param>
    public TapeRelay RecordDatagrams(IPEndPoint server)
    {
        ArgumentNullException.ThrowIfNull(server);
        return new TapeRelay(this, server);
    }

    /// <summary>Plays a server of datagrams: each that was sent on the tape is answered as there, in any order, and everything else not at all.</summary>
    /// <param name="endPoint">Where it is bound; by default, null, any free port of 127.0.0.1.</param>
    public LoopbackUDPServer PlayDatagrams(IPEndPoint? endPoint = null)
    {
        var left = Snapshot().ToList();
        return LoopbackUDPServer.Start(datagram =>
        {
            var bytes = Masked(datagram.ToArray());
            var index = left.FindIndex(piece => piece.IsSent && piece.Bytes.AsSpan().SequenceEqual(bytes));
            if (index < 0)
                return null;
            left.RemoveAt(index);
            if (index == left.Count || left[index].IsSent)
                return null;
            var reply = left[index].Bytes;
            left.RemoveAt(index);
            return reply;
        }, endPoint);
    }

    /// <summary>The tape as text.</summary>
    public override string ToString() => TapeText.Write(Snapshot());

    /// <summary>Adds to the tape; bytes of a stream join those that went the same way before them.</summary>
    internal void Add(bool isSent, ReadOnlySpan<byte> bytes, bool isDatagram)
    {
        lock (_lock)
        {
            if (!isDatagram && _pieces.Count > 0 && _pieces[^1].IsSent == isSent)
                _pieces[^1] = new TapePiece(isSent, [.. _pieces[^1].Bytes, .. bytes]);
            else
                _pieces.Add(new TapePiece(isSent, bytes.ToArray()));
        }
    }

    private TapePiece[] Snapshot()
    {
        lock (_lock)
            return [.. _pieces.Select(piece => piece with { Bytes = Masked(piece.Bytes) })];
    }

    private byte[] Masked(byte[] bytes)
    {
        if (CassetteMasking.Text(bytes) is { } text && Redactor.Redact(text) is var redacted && redacted != text)
            bytes = Encoding.UTF8.GetBytes(redacted);
        return Mask is null ? bytes : Mask(bytes).ToArray();
    }
}
