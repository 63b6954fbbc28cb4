namespace Codomyrmex.Networking.Cli.Commands;

/// <summary>One layer of an explained connection.</summary>
/// <param name="Name">Its name: dns, policy, connect, proxy, tls, http.</param>
/// <param name="Status">How it went: ok, failed, skipped, not_reached.</param>
/// <param name="Elapsed">The time it took, where it was reached and measured.</param>
/// <param name="Notes">What there is to say, one line each.</param>
internal sealed record Layer(string Name, string Status, TimeSpan? Elapsed, IReadOnlyList<string> Notes)
{
    public const string Ok = "ok";
    public const string Failed = "failed";
    public const string Skipped = "skipped";
    public const string NotReached = "not_reached";
}
