using System.Text;

namespace Codomyrmex.Networking.Cli.Rendering;

/// <summary>Passes on what comes from the network as it comes: bytes to a file or a pipe, text without control characters to a terminal.</summary>
internal sealed class StreamText(Stream output, bool isTerminal)
{
    private readonly Decoder _decoder = Encoding.UTF8.GetDecoder();

    public async Task CopyAsync(Stream source, CancellationToken cancellationToken)
    {
        var buffer = new byte[32 * 1024];
        while (await source.ReadAsync(buffer, cancellationToken) is > 0 and var count)
        {
            output.Write(isTerminal ? Printable(buffer.AsSpan(0, count)) : buffer.AsSpan(0, count));
            output.Flush();
        }
    }

    // A character may come in two pieces; the decoder keeps the first.
    private byte[] Printable(ReadOnlySpan<byte> bytes)
    {
        var chars = new char[Encoding.UTF8.GetMaxCharCount(bytes.Length)];
        var length = _decoder.GetChars(bytes, chars, flush: false);
        return Encoding.UTF8.GetBytes(ControlText.Escape(chars.AsSpan(0, length), keepLines: true));
    }
}
