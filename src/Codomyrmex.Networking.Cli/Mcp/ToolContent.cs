namespace Codomyrmex.Networking.Cli.Mcp;

/// <summary>What came from the network, to be handed on page by page.</summary>
/// <param name="Text">Text, or bytes in base64.</param>
/// <param name="IsBase64">Whether it is the latter.</param>
/// <param name="Bytes">How many bytes arrived.</param>
/// <param name="IsTruncated">Whether there was more than may be taken.</param>
internal sealed record ToolContent(string Text, bool IsBase64, long Bytes, bool IsTruncated)
{
    /// <summary>Text where the bytes are text, otherwise base64.</summary>
    public static ToolContent Of(ReadOnlySpan<byte> bytes, bool isTruncated = false)
    {
        // A cut may go through a character.
        var whole = isTruncated ? bytes[..WholeCharacters(bytes)] : bytes;
        return !whole.Contains((byte)0) && System.Text.Unicode.Utf8.IsValid(whole)
            ? new ToolContent(System.Text.Encoding.UTF8.GetString(whole), false, bytes.Length, isTruncated)
            : new ToolContent(Convert.ToBase64String(bytes), true, bytes.Length, isTruncated);
    }

    private static int WholeCharacters(ReadOnlySpan<byte> bytes)
    {
        for (var back = 1; back <= Math.Min(3, bytes.Length); back++)
        {
            if (bytes[^back] >= 0xC0)
                return bytes.Length - back;
            if (bytes[^back] < 0x80)
                break;
        }
        return bytes.Length;
    }
}
