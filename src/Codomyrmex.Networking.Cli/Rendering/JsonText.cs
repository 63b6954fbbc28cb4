using System.Text;
using System.Text.Json;

namespace Codomyrmex.Networking.Cli.Rendering;

/// <summary>Shows JSON indented and coloured, with every number and escape as it came.</summary>
internal sealed class JsonText
{
    private static readonly JsonReaderOptions Depth = new() { MaxDepth = 512 };

    private readonly TextOutput _output;
    private int _depth;
    private bool _isFirst = true;
    private bool _isAfterName;

    private JsonText(TextOutput output) => _output = output;

    /// <summary>Writes the document; false, and nothing written, where it is none.</summary>
    public static bool TryWrite(TextOutput output, ReadOnlySpan<byte> json)
    {
        if (json.StartsWith("\uFEFF"u8))
            json = json[3..];
        if (!IsValid(json))
            return false;
        var text = new JsonText(output);
        var reader = new Utf8JsonReader(json, Depth);
        while (reader.Read())
            text.Token(ref reader);
        output.Line();
        return true;
    }

    private static bool IsValid(ReadOnlySpan<byte> json)
    {
        try
        {
            var reader = new Utf8JsonReader(json, Depth);
            while (reader.Read())
            {
                if (reader.TokenType is JsonTokenType.String or JsonTokenType.PropertyName && !System.Text.Unicode.Utf8.IsValid(reader.ValueSpan))
                    return false;
            }
            return true;
        }
        catch (JsonException)
        {
            return false;
        }
    }

    private void Token(ref Utf8JsonReader reader)
    {
        switch (reader.TokenType)
        {
            case JsonTokenType.StartObject or JsonTokenType.StartArray:
                Prefix();
                _output.Write(reader.TokenType == JsonTokenType.StartObject ? "{" : "[");
                _depth++;
                _isFirst = true;
                break;
            case JsonTokenType.EndObject or JsonTokenType.EndArray:
                _depth--;
                if (!_isFirst)
                    NewLine();
                _output.Write(reader.TokenType == JsonTokenType.EndObject ? "}" : "]");
                _isFirst = false;
                break;
            case JsonTokenType.PropertyName:
                Prefix();
                _output.Write($"\"{Encoding.UTF8.GetString(reader.ValueSpan)}\"", Style.Blue).Write(": ");
                _isAfterName = true;
                break;
            case JsonTokenType.String:
                Prefix();
                _output.Write($"\"{Encoding.UTF8.GetString(reader.ValueSpan)}\"", Style.Green);
                break;
            default:
                Prefix();
                _output.Write(Encoding.UTF8.GetString(reader.ValueSpan), reader.TokenType == JsonTokenType.Number ? Style.Cyan : Style.Magenta);
                break;
        }
    }

    private void Prefix()
    {
        if (_isAfterName)
        {
            _isAfterName = false;
            return;
        }
        if (!_isFirst)
            _output.Write(",");
        if (_depth > 0)
            NewLine();
        _isFirst = false;
    }

    private void NewLine() => _output.Line().Write(new string(' ', _depth * 2));
}
