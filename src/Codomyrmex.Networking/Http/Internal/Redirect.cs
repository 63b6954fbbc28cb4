using System.Globalization;
using System.Text;
using System.Text.Unicode;
using Codomyrmex.Networking.Security;
using Codomyrmex.Networking.Transport.Internal;

namespace Codomyrmex.Networking.Http.Internal;

/// <summary>Where a redirect leads, or why it is not followed (RFC 9110, section 15.4). Pure.</summary>
internal static class Redirect
{
    public static bool IsRedirect(int status) => status is 301 or 302 or 303 or 307 or 308;

    /// <summary>The target of a redirect, checked: an http(s) URL, no downgrade, allowed by the policy.</summary>
    public static Uri Target(Uri from, int status, string location, RedirectOptions rules, EgressPolicy policy)
    {
        var target = Read(from, status, location);
        Demand(from, status, target, rules, policy);
        return target;
    }

    /// <summary>The target of a redirect: an http(s) URL.</summary>
    public static Uri Read(Uri from, int status, string location)
    {
        if (RequestUrl.Read(Escaped(location), from, out var problem) is not { } target)
            throw Refused(from, status, $"to '{RequestUrl.Shown(location)}', which is not followed: it {problem}.");
        // What a server puts before an @ is not a credential of ours.
        return RequestUrl.WithoutUserInfo(target, out _);
    }

    /// <summary>Checks where a redirect leads: no downgrade, allowed by the policy.</summary>
    public static void Demand(Uri from, int status, Uri target, RedirectOptions rules, EgressPolicy policy)
    {
        if (from.Scheme == "https" && target.Scheme == "http" && !rules.AllowDowngrade)
            throw Refused(from, status, $"from https to http ({Endpoint.Of(target)}), which is not followed (RedirectOptions.AllowDowngrade).");
        var endpoint = Endpoint.Of(target);
        PolicyGate.Demand(policy.CheckTarget(target.Scheme, endpoint.Host, endpoint.Port), endpoint);
    }

    /// <summary>The method of the next request: 303 asks to GET, 301 and 302 have always turned POST into GET, 307 and 308 keep it.</summary>
    public static HttpMethod Method(HttpMethod method, int status) => status switch
    {
        303 when method != HttpMethod.Head => HttpMethod.Get,
        301 or 302 when method == HttpMethod.Post => HttpMethod.Get,
        _ => method,
    };

    // Servers send spaces and raw UTF-8 where escapes belong; every client escapes them (WHATWG URL, section 1.3). A space in a host
    // stays refused, and a name beyond ASCII is read as any other is.
    private static string Escaped(string location)
    {
        if (!location.AsSpan().ContainsAnyExceptInRange('!', '~'))
            return location;
        // Fields are read as Latin-1: a character is a byte of what was sent.
        var bytes = Encoding.Latin1.GetBytes(location);
        var text = Utf8.IsValid(bytes)
            ? Encoding.UTF8.GetString(bytes)
            : string.Concat(location.Select(c => c < '\x80' ? c.ToString() : string.Create(CultureInfo.InvariantCulture, $"%{(int)c:X2}")));
        return text.Replace(" ", "%20", StringComparison.Ordinal);
    }

    public static NetworkException TooMany(Uri from, int status, int limit) => Failure(ErrorCodes.HttpTooManyRedirects, from, status,
        $"{Endpoint.Of(from)} redirected once more after {limit} redirects (RedirectOptions.Limit).");

    public static NetworkException Refused(Uri from, int status, string why) =>
        Failure(ErrorCodes.HttpRedirectRefused, from, status, $"{Endpoint.Of(from)} redirects ({status}) {why}");

    private static HTTPException Failure(string code, Uri from, int status, string message) => new(new NetworkFailure
    {
        Code = code,
        Message = message,
        Phase = NetworkPhase.Receive,
        Endpoint = Endpoint.Of(from),
        WasSent = WasSent.Yes,
    })
    { Status = status };
}
