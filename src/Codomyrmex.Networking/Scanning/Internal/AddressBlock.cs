namespace Codomyrmex.Networking.Scanning.Internal;

/// <summary>Addresses of one family that follow each other, both ends included.</summary>
internal readonly record struct AddressBlock(bool IsIPv4, UInt128 First, UInt128 Last) : IComparable<AddressBlock>
{
    public static AddressBlock Of(IPBits first, IPBits last) => new(first.IsIPv4, first.Value, last.Value);

    /// <summary>Its length less one: the whole of IPv6 has one address more than fit a number.</summary>
    public UInt128 Span => Last - First;

    // IPv4 before IPv6, then by the first address.
    public int CompareTo(AddressBlock other) => IsIPv4 != other.IsIPv4 ? (IsIPv4 ? -1 : 1) : First.CompareTo(other.First);

    public override string ToString()
    {
        var first = new IPBits(First, IsIPv4);
        return First == Last ? first.ToString() : $"{first}-{new IPBits(Last, IsIPv4)}";
    }
}
