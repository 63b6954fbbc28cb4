using System.Buffers;
using System.Text.Json;

namespace Codomyrmex.Networking.WebSockets.Internal;

/// <summary>Writes JSON into memory that is used again and again.</summary>
internal sealed class JsonPayload
{
    private const int KeptBytes = 64 * 1024;

    private readonly Utf8JsonWriter _writer;
    private ArrayBufferWriter<byte> _bytes = new(256);

    public JsonPayload() => _writer = new Utf8JsonWriter(_bytes);

    public ReadOnlyMemory<byte> Written
    {
        get
        {
            _writer.Flush();
            return _bytes.WrittenMemory;
        }
    }

    public Utf8JsonWriter Begin()
    {
        if (_bytes.Capacity > KeptBytes)
            _bytes = new ArrayBufferWriter<byte>(256);
        _bytes.ResetWrittenCount();
        _writer.Reset(_bytes);
        return _writer;
    }
}
