using System.Buffers.Binary;
using System.Net;
using System.Text;
using Codomyrmex.Networking.Transport.Internal;

namespace Codomyrmex.Networking.Ssh.Internal;

/// <summary>The server's side of SOCKS5 (RFC 1928), as far as a forward needs it: CONNECT, without authentication.</summary>
internal static class SocksServer
{
    private const byte Version = 5;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    public static async Task ServeAsync(SSHClient client, WireEnd accepted, CancellationToken cancellationToken)
    {
        var peer = accepted.Stream;
        Endpoint target;
        using (var timer = new CancellationTokenSource(Patience, client.Options.Clock))
        using (var either = CancellationTokenSource.CreateLinkedTokenSource(timer.Token, cancellationToken))
            target = await ReadTargetAsync(peer, either.Token).ConfigureAwait(false);
        Stream tunnel;
        try
        {
            PolicyGate.Demand(client.Options.Transport.Policy.CheckTarget(null, target.Host, target.Port), target);
            tunnel = await client.OpenTunnelAsync(target.Host, target.Port, cancellationToken).ConfigureAwait(false);
        }
        catch (NetworkException error)
        {
            // Not allowed by the rules; host unreachable (section 6).
            await ReplyAsync(peer, error is PolicyException ? (byte)2 : (byte)4, cancellationToken).ConfigureAwait(false);
            throw;
        }
        await ReplyAsync(peer, 0, cancellationToken).ConfigureAwait(false);
        await Pump.JoinAsync(peer, accepted.EndSending, tunnel, () => Pump.End(tunnel), cancellationToken).ConfigureAwait(false);
    }

    private static async Task<Endpoint> ReadTargetAsync(Stream peer, CancellationToken cancellationToken)
    {
        var bytes = new byte[512];
        await peer.ReadExactlyAsync(bytes.AsMemory(0, 2), cancellationToken).ConfigureAwait(false);
        await peer.ReadExactlyAsync(bytes.AsMemory(2, bytes[1]), cancellationToken).ConfigureAwait(false);
        if (bytes[0] != Version || !bytes.AsSpan(2, bytes[1]).Contains((byte)0))
        {
            await peer.WriteAsync(new byte[] { Version, 0xFF }, cancellationToken).ConfigureAwait(false);
            throw new FormatException("No SOCKS5, or only with authentication.");
        }
        await peer.WriteAsync(new byte[] { Version, 0 }, cancellationToken).ConfigureAwait(false);
        await peer.ReadExactlyAsync(bytes.AsMemory(0, 5), cancellationToken).ConfigureAwait(false);
        var (command, kind) = (bytes[1], bytes[3]);
        var length = kind switch { 1 => 4, 3 => bytes[4], 4 => 16, _ => 0 };
        if (bytes[0] != Version || command != 1 || length == 0)
        {
            // Command or kind of address not supported.
            await ReplyAsync(peer, command == 1 ? (byte)8 : (byte)7, cancellationToken).ConfigureAwait(false);
            throw new FormatException("A request other than CONNECT, or to an unknown kind of address.");
        }
        // One byte of an address has been read already; for a name that was its length.
        var (start, have) = kind == 3 ? (5, 5) : (4, 5);
        await peer.ReadExactlyAsync(bytes.AsMemory(have, start + length + 2 - have), cancellationToken).ConfigureAwait(false);
        var host = kind == 3 ? Encoding.ASCII.GetString(bytes, start, length) : new IPAddress(bytes.AsSpan(start, length)).ToString();
        var port = BinaryPrimitives.ReadUInt16BigEndian(bytes.AsSpan(start + length));
        if (port != 0)
            return new Endpoint(host, port);
        await ReplyAsync(peer, 1, cancellationToken).ConfigureAwait(false);
        throw new FormatException("Port 0, at which nobody listens.");
    }

    private static async Task ReplyAsync(Stream peer, byte code, CancellationToken cancellationToken) =>
        await peer.WriteAsync(new byte[] { Version, code, 0, 1, 0, 0, 0, 0, 0, 0 }, cancellationToken).ConfigureAwait(false);
}
