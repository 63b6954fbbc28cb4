using System.Buffers;

namespace Codomyrmex.Networking.Http.Internal;

/// <summary>Refuses answers whose framing two readers could understand differently (RFC 9112, section 6.3), where the platform lets them pass.</summary>
internal static class FramingCheck
{
    private static readonly SearchValues<char> Digits = SearchValues.Create("0123456789");

    public static void Demand(HttpResponseMessage message, Endpoint endpoint)
    {
        // RFC 9110, section 15: below 100 there is no status; 101 would answer an Upgrade, which is never sent here.
        if ((int)message.StatusCode is < 100 or 101)
            throw Malformed(endpoint, $"has the status {(int)message.StatusCode}, which answers nothing that was asked");
        var hasLength = message.Content.Headers.NonValidated.TryGetValues("Content-Length", out var lengths);
        if (hasLength && !AgreeOnLength(lengths))
            throw Malformed(endpoint, $"has the Content-Length '{Shown(lengths.ToString())}'");
        if (message.Version.Major != 1)
            return;
        if (!message.Headers.NonValidated.TryGetValues("Transfer-Encoding", out var codings))
            return;
        if (hasLength)
            throw Malformed(endpoint, "has both Transfer-Encoding and Content-Length");
        if (message.Version.Minor == 0)
            throw Malformed(endpoint, "has a Transfer-Encoding, which HTTP/1.0 does not know");
        if (!codings.ToString().Equals("chunked", StringComparison.OrdinalIgnoreCase))
            throw Malformed(endpoint, $"has the Transfer-Encoding '{Shown(codings.ToString())}'; only chunked is understood");
    }

    private static bool AgreeOnLength(System.Net.Http.Headers.HeaderStringValues values)
    {
        ReadOnlySpan<char> first = [];
        foreach (var value in values)
        {
            // The platform reads "2, 2" as no length at all, so that is not let pass; the same line twice it reads as one.
            var text = value.AsSpan().Trim();
            if (text.Length is 0 or > 18 || text.IndexOfAnyExcept(Digits) >= 0)
                return false;
            if (first.IsEmpty)
                first = text;
            else if (!text.SequenceEqual(first))
                return false;
        }
        return !first.IsEmpty;
    }

    private static string Shown(string value) => value.Length > 100 ? value[..100] + "…" : value;

    private static NetworkException Malformed(Endpoint endpoint, string what) => new NetworkFailure
    {
        Code = ErrorCodes.HttpMalformed,
        Message = $"The answer of {endpoint} {what} (RFC 9112, section 6).",
        Phase = NetworkPhase.FirstByte,
        Endpoint = endpoint,
        WasSent = WasSent.Yes,
    }.ToException();
}
