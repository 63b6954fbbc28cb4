namespace Codomyrmex.Networking.Testing.Internal.WebSockets;

/// <summary>
/// Deflates the messages of one direction (RFC 7692, section 7.2.1) with the fixed code and a window of exactly the agreed size, which the platform's
/// deflater cannot be told.
/// </summary>
internal sealed class Deflater(int windowBits, bool keepsContext)
{
    private const int HashBits = 14;
    private const int MaxChain = 16;

    private static readonly byte[] Lengths = DeflateCodes.FixedLiteralLengths();
    private static readonly ushort[] Codes = DeflateCodes.Canonical(Lengths);
    private static readonly ushort[] DistanceWords = DeflateCodes.Canonical(Enumerable.Repeat((byte)5, 30).ToArray());

    private readonly int _window = 1 << windowBits;
    private byte[] _history = [];

    /// <summary>Deflates one message, and leaves its last four octets 00 00 FF FF away as the wire has it.</summary>
    public byte[] Deflate(ReadOnlySpan<byte> message)
    {
        byte[] data = [.. _history, .. message];
        var output = new BitWriter(message.Length);
        if (!message.IsEmpty)
            WriteBlock(output, data, _history.Length);
        // An empty stored block: its three bits, padding, and the octets that are left away.
        output.Write(0, 3);
        if (keepsContext)
            _history = data[Math.Max(0, data.Length - _window)..];
        return output.ToArray();
    }

    private void WriteBlock(BitWriter output, byte[] data, int start)
    {
        var newest = new int[1 << HashBits];
        var older = new int[data.Length];
        Array.Fill(newest, -1);
        for (var i = 0; i < start; i++)
            Remember(data, i, newest, older);
        output.Write(0b010, 3);
        for (var at = start; at < data.Length;)
        {
            var (length, distance) = Find(data, at, newest, older);
            if (length < DeflateCodes.MinMatch)
            {
                length = 1;
                output.Write(Codes[data[at]], Lengths[data[at]]);
            }
            else
            {
                WriteMatch(output, length, distance);
            }
            for (var end = at + length; at < end; at++)
                Remember(data, at, newest, older);
        }
        output.Write(Codes[DeflateCodes.EndOfBlock], Lengths[DeflateCodes.EndOfBlock]);
    }

    private (int Length, int Distance) Find(byte[] data, int at, int[] newest, int[] older)
    {
        var best = (Length: 0, Distance: 0);
        if (at + DeflateCodes.MinMatch > data.Length)
            return best;
        var rest = data.AsSpan(at, Math.Min(DeflateCodes.MaxMatch, data.Length - at));
        var candidate = newest[Hash(data, at)];
        for (var chain = 0; chain < MaxChain && candidate >= 0 && at - candidate <= _window; chain++, candidate = older[candidate])
        {
            var length = data.AsSpan(candidate, rest.Length).CommonPrefixLength(rest);
            if (length > best.Length)
                best = (length, at - candidate);
        }
        return best;
    }

    private static void WriteMatch(BitWriter output, int length, int distance)
    {
        var symbol = Last(DeflateCodes.LengthBase, length);
        output.Write(Codes[257 + symbol], Lengths[257 + symbol]);
        output.Write(length - DeflateCodes.LengthBase[symbol], DeflateCodes.LengthExtra[symbol]);
        symbol = Last(DeflateCodes.DistanceBase, distance);
        output.Write(DistanceWords[symbol], 5);
        output.Write(distance - DeflateCodes.DistanceBase[symbol], DeflateCodes.DistanceExtra[symbol]);
    }

    // The last base that is not above the value.
    private static int Last(ReadOnlySpan<ushort> bases, int value)
    {
        var found = bases.BinarySearch((ushort)value);
        return found >= 0 ? found : ~found - 1;
    }

    private static void Remember(byte[] data, int at, int[] newest, int[] older)
    {
        if (at + DeflateCodes.MinMatch > data.Length)
            return;
        var hash = Hash(data, at);
        older[at] = newest[hash];
        newest[hash] = at;
    }

    private static int Hash(byte[] data, int at) =>
        (int)((uint)(data[at] | (data[at + 1] << 8) | (data[at + 2] << 16)) * 2654435761u >> (32 - HashBits));
}
