namespace Codomyrmex.Networking.Testing;

/// <summary>
/// Something that a <see cref="LoopbackUDPServer"/> does to a reply, when told to by <see cref="LoopbackUDPServer.Inject"/>: <c>DatagramFault.Drop with { Times = 2 }</c>. Immutable.
/// </summary>
public sealed record DatagramFault
{
    private DatagramFault(string name) => Name = name;

    /// <summary>The reply is lost.</summary>
    public static DatagramFault Drop { get; } = new("drop");

    /// <summary>The reply comes twice.</summary>
    public static DatagramFault Duplicate { get; } = new("duplicate");

    /// <summary>The reply comes behind the next one.</summary>
    public static DatagramFault Reorder { get; } = new("reorder");

    /// <summary>The reply comes from another port.</summary>
    public static DatagramFault FromElsewhere { get; } = new("from elsewhere");

    /// <summary>The bits of the reply's first byte are flipped: of most protocols, its identifier.</summary>
    public static DatagramFault Corrupt { get; } = new("corrupt");

    /// <summary>The second half of the reply is missing.</summary>
    public static DatagramFault Truncate { get; } = new("truncate");

    /// <summary>How often it happens. The default value is null: without end.</summary>
    public int? Times { get; init; }

    internal string Name { get; }

    /// <summary>What it does.</summary>
    public override string ToString() => Name;
}
