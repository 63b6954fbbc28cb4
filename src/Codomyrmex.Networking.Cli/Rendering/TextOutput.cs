using System.Globalization;
using System.Text;

namespace Codomyrmex.Networking.Cli.Rendering;

/// <summary>Text for people, with colour where that is wanted. What may come from the network is escaped here.</summary>
internal sealed class TextOutput(Stream stream, bool hasColour)
{
    private readonly StringBuilder _text = new();

    public bool HasColour { get; } = hasColour;

    /// <summary>Adds text on one line; control characters in it are escaped.</summary>
    public TextOutput Write(string text, Style style = Style.Plain) => Raw(ControlText.Escape(text), style);

    /// <summary>Adds text of several lines; other control characters in it are escaped.</summary>
    public TextOutput WriteLines(ReadOnlySpan<char> text, Style style = Style.Plain) => Raw(ControlText.Escape(text, keepLines: true), style);

    /// <summary>Adds text and ends the line.</summary>
    public TextOutput Line(string text = "", Style style = Style.Plain)
    {
        Write(text, style);
        _text.Append('\n');
        return this;
    }

    public void Flush()
    {
        if (_text.Length == 0)
            return;
        stream.Write(Encoding.UTF8.GetBytes(_text.ToString()));
        stream.Flush();
        _text.Clear();
    }

    private TextOutput Raw(string text, Style style)
    {
        if (!HasColour || style == Style.Plain || text.Length == 0)
        {
            _text.Append(text);
            return this;
        }
        _text.Append(CultureInfo.InvariantCulture, $"\e[{(int)style}m").Append(text).Append("\e[0m");
        return this;
    }
}
