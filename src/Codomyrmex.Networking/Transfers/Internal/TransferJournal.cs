using System.Text.Json;
using System.Text.Json.Serialization;

namespace Codomyrmex.Networking.Transfers.Internal;

/// <summary>What an interrupted transfer leaves beside its unfinished file. Only bytes that it names were on the disk when it was written.</summary>
internal sealed record TransferJournal
{
    public const int CurrentFormat = 1;

    public required int Format { get; init; }

    /// <summary>See <see cref="RemoteFile.Source"/>.</summary>
    public required string Source { get; init; }

    /// <summary>The name of the unfinished file, in the same folder.</summary>
    public required string Temporary { get; init; }

    public string? Validator { get; init; }

    public string? ETag { get; init; }

    public long? Total { get; init; }

    /// <summary>What is there: see <see cref="ByteRanges.ToPairs"/>.</summary>
    public long[] Done { get; init; } = [];

    [JsonIgnore]
    public bool IsWhole => Total is { } total && ByteRanges.OfPairs(Done, total)?.Count == total;

    public byte[] ToJson() => JsonSerializer.SerializeToUtf8Bytes(this, TransferJson.Default.TransferJournal);

    /// <summary>Reads a journal; null where it is torn, of another format or makes no sense.</summary>
    public static TransferJournal? Parse(ReadOnlySpan<byte> json)
    {
        try
        {
            return JsonSerializer.Deserialize(json, TransferJson.Default.TransferJournal) is { Format: CurrentFormat, Total: null or >= 0, Done: not null } journal &&
                ByteRanges.OfPairs(journal.Done, journal.Total) is not null
                ? journal
                : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }
}

/// <summary>Journals as JSON.</summary>
[JsonSerializable(typeof(TransferJournal))]
[JsonSourceGenerationOptions(JsonSerializerDefaults.Web)]
internal sealed partial class TransferJson : JsonSerializerContext;
