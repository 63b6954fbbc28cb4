using System.Text.Json;
using System.Text.Json.Serialization;

namespace Codomyrmex.Networking.Ssh.Internal;

/// <summary>What an interrupted upload leaves beside its unfinished remote file: which local file it was of.</summary>
internal sealed record UploadJournal
{
    public const int CurrentFormat = 1;
    public const int LargestBytes = 4096;

    public required int Format { get; init; }

    /// <summary>The name of the unfinished file, in the same folder.</summary>
    public required string Temporary { get; init; }

    public required long Size { get; init; }

    /// <summary>The local file's time of change, in ticks of UTC.</summary>
    public required long Modified { get; init; }

    public byte[] ToJson() => JsonSerializer.SerializeToUtf8Bytes(this, UploadJson.Default.UploadJournal);

    /// <summary>Reads a journal; null where it is torn, of another format or makes no sense.</summary>
    public static UploadJournal? Parse(ReadOnlySpan<byte> json)
    {
        try
        {
            return JsonSerializer.Deserialize(json, UploadJson.Default.UploadJournal) is { Format: CurrentFormat, Size: >= 0 } journal && RemotePath.IsName(journal.Temporary) ? journal : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }
}

/// <summary>Journals as JSON.</summary>
[JsonSerializable(typeof(UploadJournal))]
[JsonSourceGenerationOptions(JsonSerializerDefaults.Web)]
internal sealed partial class UploadJson : JsonSerializerContext;
