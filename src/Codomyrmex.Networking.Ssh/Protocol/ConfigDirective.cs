namespace Codomyrmex.Networking.Ssh.Protocol;

/// <summary>One line of an <c>ssh_config</c> file.</summary>
/// <param name="Keyword">In lower case.</param>
/// <param name="Arguments">Unquoted, at least one.</param>
/// <param name="Rest">The rest of the line as written, for keywords whose value is a command.</param>
/// <param name="Place">File and line, for messages.</param>
internal sealed record ConfigDirective(string Keyword, IReadOnlyList<string> Arguments, string Rest, string Place);
