using System.Net;
using Codomyrmex.Networking.Security;

namespace Codomyrmex.Networking.Transport.Internal;

/// <summary>Turns the policy's answers into connections that do not happen.</summary>
internal static class PolicyGate
{
    /// <summary>Throws where a target is denied.</summary>
    public static void Demand(PolicyDecision decision, Endpoint endpoint)
    {
        if (!decision.IsAllowed)
            throw Denied(endpoint, endpoint.ToString(), decision.Rule);
    }

    /// <summary>The addresses that the policy allows; throws where none is left.</summary>
    public static IReadOnlyList<IPAddress> Filter(EgressPolicy policy, string? scheme, Endpoint endpoint, IReadOnlyList<IPAddress> addresses)
    {
        List<IPAddress>? allowed = null;
        PolicyDecision denial = default;
        for (var i = 0; i < addresses.Count; i++)
        {
            var decision = policy.CheckAddress(scheme, endpoint.Host, addresses[i], endpoint.Port);
            if (!decision.IsAllowed)
            {
                denial = decision;
                allowed ??= [.. addresses.Take(i)];
            }
            else
            {
                allowed?.Add(addresses[i]);
            }
        }
        if (allowed is { Count: 0 })
            throw Denied(endpoint, $"{endpoint} ({string.Join(", ", addresses)})", denial.Rule);
        return allowed ?? addresses;
    }

    public static NetworkException UntrustedProxy(ProxyOptions proxy, Endpoint endpoint) => Denied(endpoint,
        $"{endpoint} through {proxy}", "a proxy hides the address, and this one is not trusted to enforce the same rules (ProxyOptions.TrustedForEgress)",
        "Connect without the proxy; or without the policy, where the proxy enforces the same rules.");

    public static NetworkException UntrustedHandler(Endpoint endpoint) => Denied(endpoint,
        $"{endpoint} through a handler of the caller's", "it opens its own connections, and is not trusted to enforce the same rules (HTTPClientOptions.MessageHandlerTrustedForEgress)",
        "Trust the handler if it enforces the same rules or opens no connections.");

    public static NetworkException UncheckedQuic(Endpoint endpoint) => Denied(endpoint,
        $"{endpoint} over HTTP/3", "QUIC opens its own connections, whose addresses cannot be checked", "Ask for another version of HTTP.");

    private static PolicyException Denied(Endpoint endpoint, string whom, string? rule, string? hint = null) => new(new NetworkFailure
    {
        Code = ErrorCodes.PolicyDenied,
        Message = $"The egress policy denies {whom}: {rule ?? "not allowed"}.",
        Hint = hint,
        Phase = NetworkPhase.Policy,
        Endpoint = endpoint,
    })
    { Rule = rule };
}
