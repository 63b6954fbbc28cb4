using System.Text;
using Codomyrmex.Networking.Http.Protocol;
using Codomyrmex.Networking.Transfers.Internal;

namespace Codomyrmex.Networking.Tests.Fuzz;

/// <summary>Readers of what servers say about files, and of what lies on the disk between two runs.</summary>
internal static class TransferTargets
{
    public static IReadOnlyList<FuzzTarget> All { get; } =
    [
        new("content-disposition", ReadName)
        {
            Words = ["attachment", ";", "filename=", "filename*=", "UTF-8''", "%2F", "%00", "\"", "\\", "../", "/", ":", ".part", ".codonet-resume", "con", "'"],
        },
        new("content-range", ReadRange) { Words = ["bytes ", "-", "/", "*", "0", "9223372036854775807", " "] },
        new("digest", input =>
        {
            if (DigestField.Sha256(Text(input)) is { } hash)
                Promise.Keep(hash.Length == 32, "a SHA-256 has 32 bytes");
        })
        { Words = ["sha-256=:", ":", ",", ";", "sha-512=:", "="] },
        new("transfer-journal", ReadJournal) { Words = ["\"format\":1", "\"temporary\":", "\"done\":[", "\"total\":", "null", "-1", "9223372036854775807", ","] },
    ];

    private static void ReadName(byte[] input)
    {
        foreach (var suggested in (string?[])[Text(input), ContentDisposition.FileName(Text(input)), Encoding.UTF8.GetString(input)])
        {
            var name = SafeName.Of(suggested);
            Promise.Keep(name.Length > 0 && Path.GetFileName(name) == name && name is not ("." or ".."), "a name is one segment");
            Promise.Keep(!name.AsSpan().ContainsAny("/\\:\0\r\n\e") && name[0] is not ('.' or '-'), "a name hides nothing and leads nowhere");
            Promise.Keep(Encoding.UTF8.GetByteCount(name) <= 255, "a name has room");
            Promise.Keep(SafeName.Of(name) == name || name.StartsWith('_') || name.EndsWith('_'), "a safe name stays as it is");
        }
    }

    private static void ReadRange(byte[] input)
    {
        if (ContentRange.Parse(Text(input)) is { } range)
            Promise.Keep(range.First >= 0 && range.Last >= range.First && !(range.Total <= range.Last) && range.Last < long.MaxValue, "a range lies within its whole");
    }

    private static void ReadJournal(byte[] input)
    {
        if (TransferJournal.Parse(input) is not { } journal)
            return;
        var done = ByteRanges.OfPairs(journal.Done, journal.Total);
        Promise.Keep(done is not null && done.Count >= 0 && !(done.End > journal.Total), "what is done lies within the file");
        Promise.Keep(done!.ToPairs().AsSpan().SequenceEqual(journal.Done), "ranges are kept as they were noted");
        Promise.Keep(TransferJournal.Parse(journal.ToJson()) is not null, "a journal can be read back");
    }

    private static string Text(byte[] input) => Encoding.Latin1.GetString(input);
}
