using System.Buffers;
using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using Codomyrmex.Networking.Transport.Protocol;

namespace Codomyrmex.Networking.Transport.Internal;

/// <summary>
/// One question to one server. Against forged answers (RFC 5452): an id from the cryptographic generator, a socket and with it a source
/// port of its own, connected so that the kernel drops other senders, and the question compared.
/// </summary>
internal static class DnsExchange
{
    // Well above what we announce, so that a server which ignores the limit is still read whole.
    private const int UdpBuffer = 4096;

    private static readonly TimeSpan[] Waits = [TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(2), TimeSpan.FromSeconds(2)];
    private static readonly TimeSpan TcpWait = TimeSpan.FromSeconds(5);

    /// <summary>The time a lost packet costs before it is sent again.</summary>
    internal static TimeSpan FirstWait => Waits[0];

    /// <summary>Asks; every outcome but the caller's cancellation is a reply.</summary>
    internal static async Task<DnsReply> AskAsync(
        IPEndPoint server, byte[] name, DnsRecordType type, int tries, TimeProvider clock, CancellationToken cancellationToken)
    {
        var buffer = new byte[DnsMessage.MaxQuery];
        var id = (ushort)RandomNumberGenerator.GetInt32(ushort.MaxValue + 1);
        var query = buffer.AsMemory(0, DnsMessage.WriteQuery(buffer, id, name, type));
        try
        {
            var response = await OverUdpAsync(server, query, Math.Min(tries, Waits.Length), clock, cancellationToken).ConfigureAwait(false);
            if (response is null)
                return DnsReply.Failed(ErrorCodes.DnsTimeout, "did not answer in time");
            if (!response.IsTruncated)
                return DnsReply.Answered(response, overTcp: false);
            // RFC 7766, section 5: the whole answer is to be had over TCP.
            return DnsReply.Answered(await OverTcpAsync(server, query, clock, cancellationToken).ConfigureAwait(false), overTcp: true);
        }
        catch (NetworkException error)
        {
            return DnsReply.Failed(error.Code, "sent an answer that cannot be read: " + error.Message.TrimEnd('.'), error);
        }
        catch (OperationCanceledException error) when (!cancellationToken.IsCancellationRequested)
        {
            return DnsReply.Failed(ErrorCodes.DnsTimeout, "did not answer over TCP in time", error);
        }
        catch (SocketException error) when (!cancellationToken.IsCancellationRequested)
        {
            return error.SocketErrorCode == SocketError.TooManyOpenSockets
                ? DnsReply.Failed(ErrorCodes.LocalDescriptors, "could not be asked: this process has no file descriptor left", error)
                : DnsReply.Failed(ErrorCodes.DnsServerFailure, $"could not be reached ({error.SocketErrorCode})", error);
        }
        catch (IOException error) when (!cancellationToken.IsCancellationRequested)
        {
            return DnsReply.Failed(ErrorCodes.DnsServerFailure, "closed the connection before its answer was complete", error);
        }
        catch (Exception error) when (error is SocketException or IOException)
        {
            throw new OperationCanceledException(error.Message, error, cancellationToken);
        }
    }

    private static async Task<DnsResponse?> OverUdpAsync(
        IPEndPoint server, ReadOnlyMemory<byte> query, int tries, TimeProvider clock, CancellationToken cancellationToken)
    {
        using var socket = new Socket(server.AddressFamily, SocketType.Dgram, ProtocolType.Udp);
        await socket.ConnectAsync(server, cancellationToken).ConfigureAwait(false);
        var buffer = ArrayPool<byte>.Shared.Rent(UdpBuffer);
        try
        {
            // The same socket for every try: an answer to an earlier one that comes late is still an answer.
            for (var i = 0; i < tries; i++)
            {
                using var timer = new CancellationTokenSource(Waits[i], clock);
                using var either = CancellationTokenSource.CreateLinkedTokenSource(timer.Token, cancellationToken);
                try
                {
                    await socket.SendAsync(query, SocketFlags.None, either.Token).ConfigureAwait(false);
                    while (true)
                    {
                        var length = await socket.ReceiveAsync(buffer.AsMemory(), SocketFlags.None, either.Token).ConfigureAwait(false);
                        if (DnsMessage.IsReplyTo(buffer.AsSpan(0, length), query.Span))
                            return DnsMessage.ReadResponse(buffer.AsSpan(0, length));
                    }
                }
                catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
                {
                }
            }
            return null;
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    private static async Task<DnsResponse> OverTcpAsync(
        IPEndPoint server, ReadOnlyMemory<byte> query, TimeProvider clock, CancellationToken cancellationToken)
    {
        using var timer = new CancellationTokenSource(TcpWait, clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(timer.Token, cancellationToken);
        using var socket = new Socket(server.AddressFamily, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        await socket.ConnectAsync(server, either.Token).ConfigureAwait(false);
        using var stream = new NetworkStream(socket);

        // RFC 1035, section 4.2.2: two bytes of length first; in one write, as RFC 7766, section 8 asks.
        var framed = new byte[2 + query.Length];
        BinaryPrimitives.WriteUInt16BigEndian(framed, (ushort)query.Length);
        query.CopyTo(framed.AsMemory(2));
        await stream.WriteAsync(framed, either.Token).ConfigureAwait(false);

        var prefix = new byte[2];
        await stream.ReadExactlyAsync(prefix, either.Token).ConfigureAwait(false);
        var reply = new byte[BinaryPrimitives.ReadUInt16BigEndian(prefix)];
        await stream.ReadExactlyAsync(reply, either.Token).ConfigureAwait(false);
        if (!DnsMessage.IsReplyTo(reply, query.Span))
            throw DnsMessage.Malformed("it answers another question");
        var response = DnsMessage.ReadResponse(reply);
        return response.IsTruncated ? throw DnsMessage.Malformed("it is truncated over TCP too") : response;
    }
}
