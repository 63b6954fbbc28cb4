using System.IO.Pipelines;
using Codomyrmex.Networking.Testing.Internal;

namespace Codomyrmex.Networking.Testing;

/// <summary>
/// Two streams in memory, each the other's peer: a connection without a socket. Hand one to a server (<c>TCPServer.Serve</c>), the other to a client
/// (<c>TransportOptions.DialOver</c>). Either direction holds a limited number of bytes and ends on its own.
/// </summary>
public sealed class StreamPair
{
    private StreamPair(Stream client, Stream server) => (Client, Server) = (client, server);

    /// <summary>The client's end.</summary>
    public Stream Client { get; }

    /// <summary>The server's end.</summary>
    public Stream Server { get; }

    /// <summary>Makes a pair.</summary>
    /// <param name="capacity">Bytes that a direction holds before its writer waits.</param>
    public static StreamPair Create(int capacity = 64 * 1024)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(capacity, 1);
        var options = new PipeOptions(pauseWriterThreshold: capacity, resumeWriterThreshold: Math.Max(1, capacity / 2), useSynchronizationContext: false);
        var (up, down) = (new Pipe(options), new Pipe(options));
        return new StreamPair(new PairedStream(down.Reader, up.Writer), new PairedStream(up.Reader, down.Writer));
    }
}
