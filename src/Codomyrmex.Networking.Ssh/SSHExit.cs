namespace Codomyrmex.Networking.Ssh;

/// <summary>How a remote command ended (RFC 4254, section 6.10).</summary>
/// <param name="Code">Its exit status; null where it was ended by a signal, or the server did not say.</param>
/// <param name="Signal">The signal that ended it, without <c>SIG</c>, such as <c>TERM</c>; null for none.</param>
public readonly record struct SSHExit(int? Code, string? Signal)
{
    /// <summary>Whether it ended by itself with status 0.</summary>
    public bool IsSuccess => Code == 0;

    /// <summary>The status, or the signal.</summary>
    public override string ToString() => Signal is not null ? $"signal {Printable.Text(Signal)}" : Code is { } code ? $"status {code}" : "unknown";
}
