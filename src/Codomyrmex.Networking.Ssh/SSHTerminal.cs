namespace Codomyrmex.Networking.Ssh;

/// <summary>A pseudo-terminal for a command or a shell (RFC 4254, section 6.2). With one, stdout and stderr are one stream. Immutable.</summary>
public sealed record SSHTerminal
{
    /// <summary>80 columns, 24 rows, <c>xterm-256color</c>.</summary>
    public static SSHTerminal Default { get; } = new();

    /// <summary>The value of <c>TERM</c>. The default value is <c>xterm-256color</c>.</summary>
    public string Name { get; init; } = "xterm-256color";

    /// <summary>The width in characters. The default value is 80.</summary>
    public int Columns { get; init; } = 80;

    /// <summary>The height in characters. The default value is 24.</summary>
    public int Rows { get; init; } = 24;

    /// <summary>Whether the terminal shows what is typed. Off for a program that types passwords. The default value is true.</summary>
    public bool Echo { get; init; } = true;

    internal void Validate()
    {
        if (string.IsNullOrEmpty(Name) || !Name.All(static c => c is > ' ' and <= '~'))
            throw new ArgumentException("SSHTerminal.Name is empty, or has other than printable ASCII characters.", nameof(Name));
        ArgumentOutOfRangeException.ThrowIfLessThan(Columns, 1, "SSHTerminal.Columns");
        ArgumentOutOfRangeException.ThrowIfGreaterThan(Columns, 65535, "SSHTerminal.Columns");
        ArgumentOutOfRangeException.ThrowIfLessThan(Rows, 1, "SSHTerminal.Rows");
        ArgumentOutOfRangeException.ThrowIfGreaterThan(Rows, 65535, "SSHTerminal.Rows");
    }
}
