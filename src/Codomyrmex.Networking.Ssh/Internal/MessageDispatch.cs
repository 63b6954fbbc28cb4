using System.Text;
using Codomyrmex.Networking.Ssh.Protocol;

namespace Codomyrmex.Networking.Ssh.Internal;

/// <summary>Reads messages of the connection protocol and brings each to its channel (RFC 4254).</summary>
internal static class MessageDispatch
{
    private const int AcceptedWindow = 1024 * 1024;
    private const uint Prohibited = 1;

    /// <exception cref="FormatException">It cannot be read.</exception>
    public static void Handle(Multiplexer connection, ReadOnlySpan<byte> payload)
    {
        var reader = new WireReader(payload);
        var number = reader.Byte();
        switch (number)
        {
            case MessageNumbers.RequestSuccess:
                connection.OnGlobalReply(payload[1..].ToArray());
                return;
            case MessageNumbers.RequestFailure:
                connection.OnGlobalReply(null);
                return;
            case MessageNumbers.ChannelOpen:
                Open(connection, ref reader, payload);
                return;
            case MessageNumbers.GlobalRequest:
                Ask(connection, ref reader, payload);
                return;
        }
        // A channel that is gone: messages may have been under way.
        if (connection.Find(reader.UInt32()) is not { } channel)
            return;
        switch (number)
        {
            case MessageNumbers.ChannelOpenConfirmation:
                channel.Confirm(reader.UInt32(), reader.UInt32(), reader.UInt32());
                break;
            case MessageNumbers.ChannelOpenFailure:
                // Read before the channel is let go of: one that is in no list any more learns of nothing.
                var refusal = Refusal(connection, reader.UInt32(), reader.String());
                connection.Remove(channel.Local);
                channel.Refuse(refusal);
                break;
            case MessageNumbers.ChannelWindowAdjust:
                channel.OnWindowAdjust(reader.UInt32());
                break;
            case MessageNumbers.ChannelData:
                connection.ReceivedData(channel.Local, reader.String());
                break;
            case MessageNumbers.ChannelExtendedData:
                // SSH_EXTENDED_DATA_STDERR is the only kind there is (section 5.2); of another nobody knows where it belongs.
                if (!(reader.UInt32() == 1 ? channel.OnData(reader.String(), isError: true) : channel.OnStrayData(reader.String())))
                    connection.Fail(connection.Broken("it sent more than the channel's window allows.", null));
                break;
            case MessageNumbers.ChannelEof:
                channel.OnEndOfData();
                break;
            case MessageNumbers.ChannelClose:
                connection.Remove(channel.Local);
                channel.OnClose();
                break;
            case MessageNumbers.ChannelRequest:
                var name = Encoding.ASCII.GetString(reader.String());
                var wantsReply = reader.Byte() != 0;
                channel.OnRequest(name, wantsReply, payload[^reader.Remaining..]);
                break;
            case MessageNumbers.ChannelSuccess:
                channel.OnReply(isGranted: true);
                break;
            case MessageNumbers.ChannelFailure:
                channel.OnReply(isGranted: false);
                break;
        }
    }

    private static void Ask(Multiplexer connection, ref WireReader reader, ReadOnlySpan<byte> payload)
    {
        var name = Encoding.ASCII.GetString(reader.String());
        var wantsReply = reader.Byte() != 0;
        if (name == HostKeyProof.Announcement)
            connection.Rotation?.Begin(connection, payload[^reader.Remaining..]);
        // Nothing that a server could ask of a client needs a yes; that it is answered at all shows that the client lives.
        if (wantsReply)
            connection.Answer([MessageNumbers.RequestFailure]);
    }

    private static void Open(Multiplexer connection, ref WireReader reader, ReadOnlySpan<byte> payload)
    {
        var type = Encoding.ASCII.GetString(reader.String());
        var (remote, window, largestPacket) = (reader.UInt32(), reader.UInt32(), reader.UInt32());
        if (connection.Acceptor?.Accept(type, payload[^reader.Remaining..]) is not { } accepted)
        {
            connection.Answer(MessageWriter.ChannelRefusal(remote, Prohibited, "nobody asked for it, or for so many"));
            return;
        }
        var channel = new SshChannel(connection, connection.NextChannel(), accepted.MakeReader, AcceptedWindow);
        connection.Add(channel);
        channel.Confirm(remote, window, largestPacket);
        connection.Answer(MessageWriter.ChannelConfirmation(remote, channel.Local, AcceptedWindow, Multiplexer.LargestPacket));
        accepted.Begin(channel);
    }

    private static NetworkException Refusal(Multiplexer connection, uint reason, ReadOnlySpan<byte> words)
    {
        var why = reason switch
        {
            Prohibited => "it is not allowed",
            2 => "what lies behind it cannot be reached",
            3 => "the server does not know the type",
            4 => "the server has no room for more",
            _ => $"reason {reason}",
        };
        return new NetworkFailure
        {
            Code = ErrorCodes.SshChannel,
            Message = $"{connection.Endpoint} refused a channel: {why} ('{Printable.Text(Encoding.UTF8.GetString(words))}').",
            Phase = NetworkPhase.Send,
            Endpoint = connection.Endpoint,
            WasSent = WasSent.Never,
            IsTransient = reason is 2 or 4,
            // OpenSSH and its kin tell in the words of the system why they could not connect: a host that refuses is there.
            TargetRefused = reason == 2 && words.SequenceEqual("Connection refused"u8),
        }.ToException();
    }
}
