using System.Diagnostics.CodeAnalysis;
using System.Net;
using Codomyrmex.Networking.Scanning.Internal;

namespace Codomyrmex.Networking.Scanning;

/// <summary>
/// The hosts to scan: names and addresses, less exclusions. Addresses are kept as ranges and have an index each, so a /16 takes no more memory
/// than a host. Immutable and thread-safe.
/// </summary>
/// <remarks>
/// <para>A target is written as</para>
/// <list type="bullet">
/// <item><c>example.com</c>: a name; all its addresses are scanned.</item>
/// <item><c>192.0.2.7</c>, <c>2001:db8::7</c>: an address. Unusual spellings (<c>127.1</c>, <c>0x7f.1</c>) are refused.</item>
/// <item><c>192.0.2.0/24</c>, <c>2001:db8::/120</c>: a network, with its first and last address; bits behind the prefix do not matter.</item>
/// <item><c>10.0.0.1-20</c>, <c>10.0.0.250-10.0.1.5</c>, <c>2001:db8::1-2001:db8::ff</c>: a range, both ends included.</item>
/// </list>
/// <para>More than <see cref="MostAddresses"/> addresses are refused: nobody means <c>0.0.0.0/0</c>, and an IPv6 network cannot be walked through.</para>
/// </remarks>
public sealed class ScanTargets
{
    /// <summary>How many addresses there may be: 16,777,216, a /8 of IPv4 or a /104 of IPv6.</summary>
    public const long MostAddresses = 1 << 24;

    private readonly AddressBlock[] _included;
    private readonly AddressBlock[] _excluded;

    private ScanTargets(AddressBlock[] included, AddressBlock[] excluded, string[] names, string[] excludedNames)
    {
        _included = included;
        _excluded = excluded;
        Blocks = new AddressBlocks(included, excluded);
        ExcludedNames = excludedNames;
        Names = [.. names.Except(excludedNames, StringComparer.Ordinal)];
    }

    /// <summary>The names, each once, in their one spelling (lower case, ASCII). Their addresses are known once they are resolved.</summary>
    public IReadOnlyList<string> Names { get; }

    /// <summary>Names whose addresses are not scanned, whoever else has them.</summary>
    public IReadOnlyList<string> ExcludedNames { get; }

    /// <summary>How many addresses there are, each counted once, without those of <see cref="Names"/>.</summary>
    public long AddressCount => Blocks.Count;

    internal AddressBlocks Blocks { get; }

    /// <summary>The addresses that are left out, as texts: also of what names resolve to.</summary>
    internal IEnumerable<string> ExcludedBlocks => _excluded.Select(static block => block.ToString());

    /// <summary>Reads targets; the remarks of this class have the syntax.</summary>
    /// <param name="targets">The targets, at least one.</param>
    /// <exception cref="FormatException">One is malformed, or they are too many; the message names it, and why.</exception>
    public static ScanTargets Parse(params IEnumerable<string> targets)
    {
        ArgumentNullException.ThrowIfNull(targets);
        var (blocks, names) = Read(targets, isLimited: true);
        if (blocks.Length + names.Length == 0)
            throw new FormatException("There is no target.");
        return Checked(new ScanTargets(blocks, [], names, []));
    }

    /// <summary>Reads targets; the remarks of this class have the syntax.</summary>
    /// <param name="text">One target.</param>
    /// <param name="targets">What was read; null where the answer is false.</param>
    public static bool TryParse([NotNullWhen(true)] string? text, [NotNullWhen(true)] out ScanTargets? targets)
    {
        targets = null;
        if (text is null || TargetText.Read(text, out var block, out var problem) is var name && problem is not null || block is { } large && large.Span >= (UInt128)MostAddresses)
            return false;
        targets = new ScanTargets(block is { } one ? [one] : [], [], name is null ? [] : [name], []);
        return true;
    }

    /// <summary>Reads one target, as <see cref="Parse"/> does, where it is written as an argument.</summary>
    /// <param name="target">The target.</param>
    /// <exception cref="ArgumentException">It is malformed.</exception>
    public static implicit operator ScanTargets(string target)
    {
        ArgumentNullException.ThrowIfNull(target);
        try
        {
            return Parse(target);
        }
        catch (FormatException wrong)
        {
            throw new ArgumentException(wrong.Message, nameof(target), wrong);
        }
    }

    /// <summary>These targets without others. An exclusion holds for what names resolve to as well, and may be of any size.</summary>
    /// <param name="targets">What to leave out, written as targets are.</param>
    /// <exception cref="FormatException">One is malformed; the message names it.</exception>
    public ScanTargets Excluding(params IEnumerable<string> targets)
    {
        ArgumentNullException.ThrowIfNull(targets);
        var (blocks, names) = Read(targets, isLimited: false);
        return new ScanTargets(_included, [.. _excluded, .. blocks], [.. Names], [.. ExcludedNames.Union(names, StringComparer.Ordinal)]);
    }

    /// <summary>These targets with the addresses of names in place of the names; those of excluded names are left out.</summary>
    /// <param name="resolve">The addresses of a name; asked once about each of <see cref="Names"/> and <see cref="ExcludedNames"/>.</param>
    /// <exception cref="FormatException">There are too many addresses now.</exception>
    public ScanTargets Resolved(Func<string, IEnumerable<IPAddress>> resolve)
    {
        ArgumentNullException.ThrowIfNull(resolve);
        return Checked(new ScanTargets([.. _included, .. Names.SelectMany(Blocks)], [.. _excluded, .. ExcludedNames.SelectMany(Blocks)], [], []));

        IEnumerable<AddressBlock> Blocks(string name) => resolve(name).Select(static address => IPBits.From(address).Unmapped).Select(static bits => AddressBlock.Of(bits, bits));
    }

    /// <summary>An address by its index: IPv4 before IPv6, each in ascending order.</summary>
    /// <param name="index">The index, from 0.</param>
    /// <exception cref="ArgumentOutOfRangeException">There is no such index.</exception>
    public IPAddress AddressAt(long index) => Blocks[index].ToAddress();

    /// <summary>The index of an address; -1 where it is not among the targets.</summary>
    /// <param name="address">The address. An IPv4-mapped one is the IPv4 address.</param>
    public long IndexOf(IPAddress address)
    {
        ArgumentNullException.ThrowIfNull(address);
        return Blocks.IndexOf(IPBits.From(address));
    }

    /// <summary>Whether an address is among the targets.</summary>
    /// <param name="address">The address.</param>
    public bool Contains(IPAddress address) => IndexOf(address) >= 0;

    /// <summary>The names and the ranges of addresses, without what is excluded: <c>10.0.0.1-10.0.0.254 example.com</c>.</summary>
    public override string ToString()
    {
        var parts = Blocks.Blocks.ToArray().Select(static block => block.ToString()).Concat(Names).ToList();
        return parts.Count == 0 ? "none" : string.Join(' ', parts);
    }

    private static (AddressBlock[] Blocks, string[] Names) Read(IEnumerable<string> targets, bool isLimited)
    {
        var blocks = new List<AddressBlock>();
        var names = new List<string>();
        foreach (var text in targets)
        {
            var name = TargetText.Read(text, out var block, out var problem);
            if (isLimited && block is { } large && large.Span >= (UInt128)MostAddresses)
                problem = $"has more than {MostAddresses} addresses, which is the most that are scanned at once";
            if (problem is not null)
                throw new FormatException($"Invalid target: '{Printable.Text(text, 100)}' {problem}.");
            if (block is { } one)
                blocks.Add(one);
            else
                names.Add(name!);
        }
        return ([.. blocks], [.. names.Distinct(StringComparer.Ordinal)]);
    }

    private static ScanTargets Checked(ScanTargets targets) => targets.AddressCount <= MostAddresses
        ? targets
        : throw new FormatException($"The targets have {targets.AddressCount} addresses; at most {MostAddresses} are scanned at once.");
}
