namespace Codomyrmex.Networking.Scanning.Internal;

/// <summary>
/// Writes elements with attributes, indented. Texts are printable already (<see cref="Printable"/>); markup in them becomes entities. The platform's writer brings encodings and
/// checks that a report does not need, and a megabyte of native code.
/// </summary>
internal sealed class XmlOutput(TextWriter output)
{
    private readonly Stack<string> _open = [];
    private bool _isTagOpen;
    private bool _hasText;

    public void Start(string name)
    {
        CloseTag();
        output.Write('\n');
        Indent();
        output.Write('<');
        output.Write(name);
        _open.Push(name);
        (_isTagOpen, _hasText) = (true, false);
    }

    public void Attribute(string name, string value)
    {
        output.Write(' ');
        output.Write(name);
        output.Write("=\"");
        Escaped(value);
        output.Write('"');
    }

    public void Text(string text)
    {
        CloseTag();
        Escaped(text);
        _hasText = true;
    }

    public void End()
    {
        var name = _open.Pop();
        if (_isTagOpen)
        {
            output.Write("/>");
        }
        else
        {
            if (!_hasText)
            {
                output.Write('\n');
                Indent();
            }
            output.Write("</");
            output.Write(name);
            output.Write('>');
        }
        (_isTagOpen, _hasText) = (false, false);
        if (_open.Count == 0)
            output.Write('\n');
    }

    private void CloseTag()
    {
        if (_isTagOpen)
            output.Write('>');
        _isTagOpen = false;
    }

    private void Indent()
    {
        for (var i = 0; i < _open.Count; i++)
            output.Write("  ");
    }

    private void Escaped(string text)
    {
        foreach (var c in text)
        {
            switch (c)
            {
                case '&':
                    output.Write("&amp;");
                    break;
                case '<':
                    output.Write("&lt;");
                    break;
                case '>':
                    output.Write("&gt;");
                    break;
                case '"':
                    output.Write("&quot;");
                    break;
                default:
                    output.Write(c);
                    break;
            }
        }
    }
}
