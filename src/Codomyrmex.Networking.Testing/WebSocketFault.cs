using Codomyrmex.Networking.Testing.Internal;
using Codomyrmex.Networking.Testing.Internal.WebSockets;

namespace Codomyrmex.Networking.Testing;

/// <summary>
/// Something that a <see cref="WebSocketServer"/> does wrong, when told to by <see cref="WebSocketServer.Inject"/>:
/// <c>WebSocketFault.Reset() with { AfterSent = 3, Times = 1 }</c>. Handlers know nothing of it. A connection has every fault that fits it, picked when
/// its handshake has arrived. One without a point happens right behind the server's answer to the handshake. Immutable.
/// </summary>
public sealed record WebSocketFault : IFault
{
    private WebSocketFault(WebSocketFaultKind kind) => Kind = kind;

    /// <summary>The path of the handshakes that it is for; a <c>*</c> in it stands for any text. The default value is <c>*</c>.</summary>
    public string Path { get; init; } = "*";

    /// <summary>The one connection that it is for, counted from 1 since the server's start. The default value is null: every one.</summary>
    public int? Connection { get; init; }

    /// <summary>How many connections it happens to. The default value is null: without end.</summary>
    public int? Times { get; init; }

    /// <summary>How likely it is to happen to a connection, from 0 to 1, by the dice of <see cref="WebSocketServerOptions.FaultSeed"/>. The default value is 1.</summary>
    public double Chance { get; init; } = 1;

    /// <summary>It happens before the handshake is answered. The default value is false.</summary>
    public bool AtHandshake { get; init; }

    /// <summary>It happens behind so many bytes that the server sent after the handshake, in the middle of a frame where they end there. The default value is null.</summary>
    public long? AfterBytes { get; init; }

    /// <summary>It happens behind so many messages that the server sent. The default value is null.</summary>
    public int? AfterSent { get; init; }

    /// <summary>It happens behind so many messages that the server received. The default value is null.</summary>
    public int? AfterReceived { get; init; }

    internal WebSocketFaultKind Kind { get; }

    internal ReadOnlyMemory<byte> Bytes { get; private init; }

    internal int Count { get; private init; }

    internal TimeSpan Pause { get; private init; }

    /// <summary>Breaks the connection with a reset (RST).</summary>
    public static WebSocketFault Reset() => new(WebSocketFaultKind.Reset);

    /// <summary>Ends the connection in an orderly way (FIN, with TLS's goodbye), without a close frame.</summary>
    public static WebSocketFault End() => new(WebSocketFaultKind.End);

    /// <summary>Ends the server's side (FIN) without a close frame and reads on; what it would send is lost.</summary>
    public static WebSocketFault HalfClose() => new(WebSocketFaultKind.HalfClose);

    /// <summary>Sends nothing more and, unless told to read on, reads nothing more, with the connection open until the server's end; where it reads on, until the client's.</summary>
    /// <param name="reading">Whether it reads on.</param>
    public static WebSocketFault Stall(bool reading = false) => new(reading ? WebSocketFaultKind.StallWriting : WebSocketFaultKind.Stall);

    /// <summary>Reads nothing more, and sends what it is told to, until the server's end.</summary>
    public static WebSocketFault StopReading() => new(WebSocketFaultKind.StallReading);

    /// <summary>Sends bytes of any kind, such as a bad frame, and goes on.</summary>
    /// <param name="bytes">The bytes.</param>
    public static WebSocketFault Send(ReadOnlyMemory<byte> bytes) => new(WebSocketFaultKind.Send) { Bytes = bytes };

    /// <summary>Sends a close frame with this code, allowed or not, and waits for the client to end.</summary>
    /// <param name="code">The code.</param>
    /// <param name="reason">The octets of the reason, UTF-8 or not.</param>
    public static WebSocketFault Close(int code, ReadOnlyMemory<byte> reason = default) =>
        new(WebSocketFaultKind.Close) { Bytes = (byte[])[(byte)(code >> 8), (byte)code, .. reason.Span] };

    /// <summary>Sends everything, the handshake's answer included, in pieces of so many bytes.</summary>
    /// <param name="bytes">The size of a piece.</param>
    /// <param name="pause">The pause before each, on the server's clock; zero by default.</param>
    public static WebSocketFault Dribble(int bytes, TimeSpan pause = default) => new(WebSocketFaultKind.Dribble) { Count = Positive(bytes), Pause = pause };

    /// <summary>Reads at most so many bytes, then pauses.</summary>
    /// <param name="bytes">The bytes.</param>
    /// <param name="pause">The pause, on the server's clock.</param>
    public static WebSocketFault ReadSlowly(int bytes, TimeSpan pause) => new(WebSocketFaultKind.ReadSlowly) { Count = Positive(bytes), Pause = pause };

    /// <summary>Never answers a ping.</summary>
    public static WebSocketFault IgnorePings() => new(WebSocketFaultKind.IgnorePings);

    /// <summary>Never answers a close frame and leaves the connection open until the client ends it.</summary>
    public static WebSocketFault IgnoreClose() => new(WebSocketFaultKind.IgnoreClose);

    private static int Positive(int count)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(count);
        return count;
    }
}
