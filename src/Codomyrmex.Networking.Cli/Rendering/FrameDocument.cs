using System.Text;
using System.Text.Unicode;
using Codomyrmex.Networking.Cli.Commands;
using Codomyrmex.Networking.Sockets;

namespace Codomyrmex.Networking.Cli.Rendering;

/// <summary>Shows frames and datagrams: a line of JSON each, as the command line's contract lays it down, or their text, or their bytes.</summary>
internal static class FrameDocument
{
    public static void Write(Invocation run, ReadOnlySpan<byte> frame, string peer) => Write(run, "frame", frame, peer, isTruncated: false);

    public static void Write(Invocation run, UDPDatagram datagram) =>
        Write(run, "datagram", datagram.Data.Span, datagram.RemoteEndPoint.ToString(), datagram.IsTruncated);

    private static void Write(Invocation run, string type, ReadOnlySpan<byte> frame, string peer, bool isTruncated)
    {
        var isText = Utf8.IsValid(frame) && !frame.Contains((byte)0);
        var data = isText ? Encoding.UTF8.GetString(frame) : Convert.ToBase64String(frame);
        var bytes = frame.Length;
        if (run.IsJson)
            WriteLine(run, type, data, isText ? "text" : "base64", bytes, peer, isTruncated);
        else if (isText)
            run.Out.Line(data).Flush();
        else
            run.Out.Write("base64 ", Style.Dim).Line(data).Flush();
    }

    public static void WriteEnd(Invocation run, long bytes, string peer)
    {
        if (run.IsJson)
            WriteLine(run, "end", "", "text", bytes, peer);
    }

    public static void WriteListening(Invocation run, string endPoint)
    {
        if (run.IsJson)
            WriteLine(run, "listening", endPoint, "text", 0, null);
        else if (!run.IsQuiet)
            run.Error.Line($"listening on {endPoint}").Flush();
    }

    private static void WriteLine(Invocation run, string type, string data, string encoding, long bytes, string? peer, bool isTruncated = false) => JsonOutput.Write(run.Context.Out, writer =>
    {
        writer.WriteString("type", type);
        writer.WriteString("data", data);
        writer.WriteString("encoding", encoding);
        writer.WriteNumber("bytes", bytes);
        writer.WriteString("peer", peer);
        if (isTruncated)
            writer.WriteBoolean("truncated", true);
    });
}
