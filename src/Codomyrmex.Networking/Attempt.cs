namespace Codomyrmex.Networking;

/// <summary>One try on the way to an outcome: an address that was dialled, or a request that was sent and failed.</summary>
/// <param name="Address">The address tried (<c>127.0.0.1:80</c>), or the endpoint's name where no address was reached.</param>
/// <param name="Elapsed">How long this try took.</param>
/// <param name="Code">The error code it ended with (see <see cref="ErrorCodes"/>), or null where it succeeded.</param>
/// <param name="Status">The HTTP status it ended with, where it got that far.</param>
public sealed record Attempt(string Address, TimeSpan Elapsed, string? Code, int? Status = null);
