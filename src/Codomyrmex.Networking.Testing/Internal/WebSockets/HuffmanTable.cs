namespace Codomyrmex.Networking.Testing.Internal.WebSockets;

/// <summary>A canonical code as a table over as many bits as its longest word has.</summary>
internal sealed class HuffmanTable
{
    private readonly ushort[] _entries;
    private readonly int _bits;

    /// <exception cref="ClientFaultException">The lengths describe more words than there is room for, or too few (RFC 1951, section 3.2.7 allows a single distance).</exception>
    public HuffmanTable(ReadOnlySpan<byte> lengths)
    {
        var room = 1 << 15;
        var words = 0;
        foreach (var length in lengths)
        {
            if (length == 0)
                continue;
            _bits = Math.Max(_bits, length);
            room -= 1 << (15 - length);
            words++;
        }
        if (room < 0 || (room > 0 && words > 1))
            throw BitReader.Bad("A code is impossible.");
        _entries = new ushort[1 << _bits];
        var codes = DeflateCodes.Canonical(lengths);
        for (var symbol = 0; symbol < codes.Length; symbol++)
        {
            for (int entry = codes[symbol], step = 1 << lengths[symbol]; lengths[symbol] > 0 && entry < _entries.Length; entry += step)
                _entries[entry] = (ushort)((symbol << 4) | lengths[symbol]);
        }
    }

    public int Read(ref BitReader bits)
    {
        var entry = _entries[bits.Peek(_bits)];
        if (entry == 0)
            throw BitReader.Bad("A word is in no code.");
        bits.Skip(entry & 15);
        return entry >> 4;
    }
}
