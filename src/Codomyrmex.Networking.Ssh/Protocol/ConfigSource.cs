namespace Codomyrmex.Networking.Ssh.Protocol;

/// <summary>A file of configuration that was read.</summary>
/// <param name="File">What to call it.</param>
/// <param name="Directives">Its lines.</param>
internal sealed record ConfigSource(string File, IReadOnlyList<ConfigDirective> Directives);
