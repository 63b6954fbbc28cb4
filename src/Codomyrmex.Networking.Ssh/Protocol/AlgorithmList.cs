namespace Codomyrmex.Networking.Ssh.Protocol;

/// <summary>A list of algorithms as <c>ssh_config</c> writes it, applied to those that may be offered (ssh_config(5), Ciphers): it orders them and leaves some out, and adds none.</summary>
internal static class AlgorithmList
{
    private const int LongestList = 8192;

    /// <summary>What is offered then, in order; maybe nothing.</summary>
    /// <param name="list">
    /// Names and patterns between commas: those alone, in that order. With a <c>-</c> before the list all but those, with a <c>^</c> those first, with a <c>+</c> those too, which changes nothing here. Null and
    /// nothing change nothing either.
    /// </param>
    /// <param name="offered">What may be offered, the best first.</param>
    /// <exception cref="FormatException">It is no list.</exception>
    public static string[] Apply(string? list, string[] offered)
    {
        if (string.IsNullOrEmpty(list))
            return offered;
        var mark = list[0] is '+' or '-' or '^' ? list[0] : ' ';
        var patterns = list[(mark == ' ' ? 0 : 1)..].Split(',');
        if (list.Length > LongestList || Array.Exists(patterns, static pattern => pattern.Length == 0 || pattern.AsSpan().ContainsAnyExcept(Allowed)))
            throw new FormatException($"'{Printable.Text(list, 80)}' is no list of algorithms.");
        string[] named = [.. patterns.SelectMany(pattern => offered.Where(name => NamePattern.Matches(pattern, name))).Distinct()];
        return mark switch
        {
            '+' => offered,
            '-' => [.. offered.Except(named)],
            '^' => [.. named, .. offered.Except(named)],
            _ => named,
        };
    }

    private static readonly System.Buffers.SearchValues<char> Allowed = System.Buffers.SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-@._*?");
}
