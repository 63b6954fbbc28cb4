namespace Codomyrmex.Networking.Testing.Internal.WebSockets;

/// <summary>
/// Inflates the messages of one direction (RFC 7692, section 7.2.2). Written for its strictness rather than its speed: a distance beyond the agreed window
/// is an error, which the platform's inflater would overlook.
/// </summary>
internal sealed class Inflater(int windowBits, bool keepsContext)
{
    private static readonly HuffmanTable FixedLiterals = new(DeflateCodes.FixedLiteralLengths());
    private static readonly HuffmanTable FixedDistances = new(Enumerable.Repeat((byte)5, 32).ToArray());

    private readonly int _window = 1 << windowBits;
    private byte[] _output = [];
    private int _length, _start, _limit;

    /// <summary>Inflates one message, given without its last four octets 00 00 FF FF as the wire has it.</summary>
    /// <exception cref="ClientFaultException">It is not DEFLATE (1007), or longer than <paramref name="limit"/> (1009).</exception>
    public byte[] Inflate(ReadOnlySpan<byte> message, int limit)
    {
        KeepWindow();
        _start = _length;
        _limit = limit;
        var input = new byte[message.Length + 4];
        message.CopyTo(input);
        input[^2] = input[^1] = 0xFF;
        var bits = new BitReader(input);
        while (!bits.IsAtEnd)
            ReadBlock(ref bits);
        return _output.AsSpan(_start, _length - _start).ToArray();
    }

    private void KeepWindow()
    {
        var kept = keepsContext ? Math.Min(_length, _window) : 0;
        _output = _output.AsSpan(_length - kept, kept).ToArray();
        _length = kept;
    }

    private void ReadBlock(ref BitReader bits)
    {
        var isFinal = bits.Take(1) == 1;
        switch (bits.Take(2))
        {
            case 0:
                var stored = bits.TakeStored();
                Grow(stored.Length);
                stored.CopyTo(_output.AsSpan(_length));
                _length += stored.Length;
                break;
            case 1:
                ReadSymbols(ref bits, FixedLiterals, FixedDistances);
                break;
            case 2:
                var (literals, distances) = ReadTables(ref bits);
                ReadSymbols(ref bits, literals, distances);
                break;
            default:
                throw BitReader.Bad("A block has the reserved type.");
        }
        // RFC 7692, section 7.2.3.4: a final block ends at an octet, and the message may go on.
        if (isFinal)
            bits.Align();
    }

    private void ReadSymbols(ref BitReader bits, HuffmanTable literals, HuffmanTable distances)
    {
        while (true)
        {
            var symbol = literals.Read(ref bits);
            if (symbol < DeflateCodes.EndOfBlock)
            {
                Grow(1);
                _output[_length++] = (byte)symbol;
                continue;
            }
            if (symbol == DeflateCodes.EndOfBlock)
                return;
            symbol -= 257;
            if (symbol >= DeflateCodes.LengthBase.Length)
                throw BitReader.Bad("A length has no meaning.");
            var length = DeflateCodes.LengthBase[symbol] + bits.Take(DeflateCodes.LengthExtra[symbol]);
            var code = distances.Read(ref bits);
            if (code >= DeflateCodes.DistanceBase.Length)
                throw BitReader.Bad("A distance has no meaning.");
            Copy(DeflateCodes.DistanceBase[code] + bits.Take(DeflateCodes.DistanceExtra[code]), length);
        }
    }

    private void Copy(int distance, int length)
    {
        if (distance > _window || distance > _length)
            throw BitReader.Bad($"A distance of {distance} leads out of the window.");
        Grow(length);
        for (; length > 0; length--, _length++)
            _output[_length] = _output[_length - distance];
    }

    private static (HuffmanTable Literals, HuffmanTable Distances) ReadTables(ref BitReader bits)
    {
        var (literalCount, distanceCount, codeCount) = (257 + bits.Take(5), 1 + bits.Take(5), 4 + bits.Take(4));
        var codeLengths = new byte[19];
        for (var i = 0; i < codeCount; i++)
            codeLengths[DeflateCodes.CodeLengthOrder[i]] = (byte)bits.Take(3);
        var codes = new HuffmanTable(codeLengths);
        var lengths = new byte[literalCount + distanceCount];
        for (var at = 0; at < lengths.Length;)
        {
            var symbol = codes.Read(ref bits);
            if (symbol < 16)
            {
                lengths[at++] = (byte)symbol;
                continue;
            }
            if (symbol == 16 && at == 0)
                throw BitReader.Bad("A length is repeated before there is one.");
            var repeated = symbol == 16 ? lengths[at - 1] : (byte)0;
            var count = symbol switch { 16 => 3 + bits.Take(2), 17 => 3 + bits.Take(3), _ => 11 + bits.Take(7) };
            if (at + count > lengths.Length)
                throw BitReader.Bad("A length is repeated too often.");
            lengths.AsSpan(at, count).Fill(repeated);
            at += count;
        }
        return (new HuffmanTable(lengths.AsSpan(0, literalCount)), new HuffmanTable(lengths.AsSpan(literalCount)));
    }

    private void Grow(int count)
    {
        if (_length - _start + (long)count > _limit)
            throw new ClientFaultException(1009, "A message is too large when it is inflated.");
        if (_length + count > _output.Length)
            Array.Resize(ref _output, Math.Max(_length + count, Math.Max(1024, _output.Length * 2)));
    }
}
