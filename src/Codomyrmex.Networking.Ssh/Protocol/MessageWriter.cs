namespace Codomyrmex.Networking.Ssh.Protocol;

/// <summary>Messages of the connection protocol as bytes (RFC 4254).</summary>
internal static class MessageWriter
{
    public static byte[] GlobalRequest(string name, ReadOnlySpan<byte> data) =>
        new WireWriter().Byte(MessageNumbers.GlobalRequest).Text(name).Byte(1).Raw(data).ToArray();

    public static byte[] ChannelOpen(string type, uint local, int window, int largestPacket, ReadOnlySpan<byte> data) =>
        new WireWriter().Byte(MessageNumbers.ChannelOpen).Text(type).UInt32(local).UInt32((uint)window).UInt32((uint)largestPacket).Raw(data).ToArray();

    public static byte[] ChannelConfirmation(uint remote, uint local, int window, int largestPacket) =>
        new WireWriter().Byte(MessageNumbers.ChannelOpenConfirmation).UInt32(remote).UInt32(local).UInt32((uint)window).UInt32((uint)largestPacket).ToArray();

    public static byte[] ChannelRefusal(uint remote, uint reason, string words) =>
        new WireWriter().Byte(MessageNumbers.ChannelOpenFailure).UInt32(remote).UInt32(reason).Text(words).Text("").ToArray();

    public static byte[] ChannelRequest(uint remote, string request, bool wantsReply, ReadOnlySpan<byte> data) =>
        new WireWriter().Byte(MessageNumbers.ChannelRequest).UInt32(remote).Text(request).Byte(wantsReply ? (byte)1 : (byte)0).Raw(data).ToArray();

    public static byte[] WindowAdjust(uint remote, uint bytes) =>
        new WireWriter().Byte(MessageNumbers.ChannelWindowAdjust).UInt32(remote).UInt32(bytes).ToArray();

    /// <summary>A message that says nothing but which channel it is about.</summary>
    public static byte[] OfChannel(byte number, uint remote) => new WireWriter().Byte(number).UInt32(remote).ToArray();
}
