namespace Codomyrmex.Networking.Ssh.Internal;

/// <summary>Words for a POSIX shell.</summary>
internal static class ShellText
{
    /// <summary>The text as one word, whatever is in it: in single quotes nothing has a meaning but the quote itself.</summary>
    public static string Quote(string text) => $"'{text.Replace("'", @"'\''", StringComparison.Ordinal)}'";
}
