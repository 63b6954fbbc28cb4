namespace Codomyrmex.Networking;

/// <summary>A host that a caller passes apart from its port.</summary>
internal static class HostArgument
{
    /// <summary>Throws where it is a URL or has its user or port with it: looked up, it would be a name that nobody has.</summary>
    /// <param name="host">The host.</param>
    /// <param name="parameter">The parameter's name.</param>
    /// <exception cref="ArgumentException">It is more than a host.</exception>
    public static void Demand(string host, string parameter)
    {
        ArgumentException.ThrowIfNullOrEmpty(host, parameter);
        if (host.Contains("://", StringComparison.Ordinal))
            throw new ArgumentException($"'{Printable.Text(Redactor.Redact(host), 100)}' is a URL: pass its host alone, and the port separately.", parameter);
        // What stands before an @ may be a secret.
        if (host.LastIndexOf('@') is >= 0 and var at)
            throw new ArgumentException($"There is a user before '{Printable.Text(host.AsSpan(at + 1), 100)}': pass the host alone, and the user, where one is wanted, separately.", parameter);
        if (host.LastIndexOf(':') is > 0 and var colon && HostText.Parse(host).Problem is not null && HostText.Parse(host.AsSpan(0, colon)).Problem is null)
            throw new ArgumentException($"'{Printable.Text(host, 100)}' has a port: pass the port separately.", parameter);
    }
}
