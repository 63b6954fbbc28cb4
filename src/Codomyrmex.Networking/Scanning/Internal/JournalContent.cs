using System.Globalization;
using System.Net;
using System.Text;

namespace Codomyrmex.Networking.Scanning.Internal;

/// <summary>What the lines of a journal say. Reads whatever is in a file; a line that makes no sense ends it, and all before it counts.</summary>
internal sealed class JournalContent
{
    public const string Title = "codomyrmex-scan 1";

    private readonly JournalRecord[] _records = [new(), new()];
    private bool _hasStarted;

    private JournalContent()
    {
    }

    /// <summary>The seed of the scan, which the one that goes on shares.</summary>
    public ulong Seed { get; private set; }

    /// <summary>The hosts, with the addresses that their names had when the scan began.</summary>
    public ScanTargets? Targets { get; private set; }

    public Dictionary<IPAddress, string> Names { get; } = [];

    /// <summary>The bytes up to the end of the last line that makes sense.</summary>
    public int Length { get; private set; }

    public JournalRecord this[PortProtocol protocol] => _records[(int)protocol];

    /// <summary>Reads a journal; null where it is none of this plan, or none that was begun.</summary>
    /// <param name="bytes">The file.</param>
    /// <param name="plan">What the plan is known by.</param>
    /// <param name="seed">The seed that is asked for; null for whichever the journal has.</param>
    public static JournalContent? Read(ReadOnlySpan<byte> bytes, string plan, ulong? seed)
    {
        var content = new JournalContent();
        while (bytes[content.Length..].IndexOf((byte)'\n') is var length and >= 0)
        {
            var words = Encoding.UTF8.GetString(bytes.Slice(content.Length, length)).Split(' ');
            if (!(content.Length == 0 ? content.TryBegin(words, plan, seed) : content.TryTake(words)))
                break;
            content.Length += length + 1;
        }
        return content is { _hasStarted: true, Targets: not null } ? content : null;
    }

    private bool TryBegin(string[] words, string plan, ulong? wanted)
    {
        if (words.Length != 4 || $"{words[0]} {words[1]}" != Title || words[2] != plan || !ulong.TryParse(words[3], NumberStyles.None, CultureInfo.InvariantCulture, out var seed))
            return false;
        Seed = seed;
        return wanted is null || wanted == seed;
    }

    private bool TryTake(string[] words)
    {
        try
        {
            switch (words[0])
            {
                case "t" when Targets is null:
                    Targets = ScanTargets.Parse(words[1..]);
                    return true;
                case "n" when !_hasStarted:
                    Names[IPAddress.Parse(words[1])] = words[2];
                    return true;
                case "s" when Targets is not null:
                    _hasStarted = true;
                    return true;
                default:
                    if (!_hasStarted || words[1] is not ("0" or "1"))
                        return false;
                    _records[words[1][0] - '0'].Take(words[0], [.. words[2..].Select(static word => long.Parse(word, CultureInfo.InvariantCulture))], Targets!.AddressCount);
                    return true;
            }
        }
        catch (Exception error) when (error is FormatException or OverflowException or IndexOutOfRangeException)
        {
            return false;
        }
    }
}
