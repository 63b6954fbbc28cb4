using System.Collections.Concurrent;
using System.Net;
using Codomyrmex.Networking.Transport;

namespace Codomyrmex.Networking.Tests.Unit.Transport;

/// <summary>A resolver that answers what a test says, and remembers what it was asked.</summary>
internal sealed class DnsScriptedResolver(Func<string, CancellationToken, ValueTask<ResolvedAddresses>> answer) : IResolver
{
    public ConcurrentQueue<string> Asked { get; } = new();

    public static DnsScriptedResolver Of(TimeSpan? timeToLive, params string[] addresses) =>
        new((_, _) => new(new ResolvedAddresses([.. addresses.Select(IPAddress.Parse)], timeToLive)));

    public static DnsScriptedResolver NotFound() => new((host, _) => throw new NetworkFailure
    {
        Code = ErrorCodes.DnsNotFound,
        Message = $"Cannot resolve '{host}'.",
        Phase = NetworkPhase.Resolve,
    }.ToException());

    public ValueTask<ResolvedAddresses> ResolveAsync(string host, CancellationToken cancellationToken)
    {
        Asked.Enqueue(host);
        return answer(host, cancellationToken);
    }
}
