using System.Globalization;

namespace Codomyrmex.Networking.WebSockets.Protocol;

/// <summary>What both sides agreed about compression (RFC 7692, section 7).</summary>
/// <param name="ServerKeepsContext">Whether what the server sent before helps it to compress what it sends now.</param>
/// <param name="ClientKeepsContext">The same of this side.</param>
internal sealed record DeflateTerms(bool ServerKeepsContext, bool ClientKeepsContext)
{
    private const string Name = "permessage-deflate";
    private const string ServerForgets = "server_no_context_takeover";
    private const string ClientForgets = "client_no_context_takeover";

    /// <summary>The offer. No <c>client_max_window_bits</c> stands in it, so the server cannot ask for a smaller window than we compress with.</summary>
    public static string Offer(bool serverKeepsContext, bool clientKeepsContext) =>
        Name + (serverKeepsContext ? "" : "; " + ServerForgets) + (clientKeepsContext ? "" : "; " + ClientForgets);

    /// <summary>Reads <c>Sec-WebSocket-Extensions</c> of the answer.</summary>
    /// <param name="field">The field; null where there is none.</param>
    /// <param name="offered">The offer; null where none was made.</param>
    /// <returns>The terms; null where the server declined.</returns>
    /// <exception cref="FormatException">The server chose what was not offered.</exception>
    public static DeflateTerms? Read(string? field, DeflateTerms? offered)
    {
        if (field is null)
            return null;
        var parts = field.Split(';', StringSplitOptions.TrimEntries);
        if (offered is null || !parts[0].Equals(Name, StringComparison.OrdinalIgnoreCase))
            throw new FormatException($"it chose the extension '{Printable.Text(field)}', which was not offered");
        var seen = new HashSet<string>(StringComparer.OrdinalIgnoreCase);
        foreach (var part in parts.AsSpan(1))
        {
            var (name, value) = part.IndexOf('=', StringComparison.Ordinal) is var at and >= 0 ? (part[..at].TrimEnd(), part[(at + 1)..].Trim()) : (part, null);
            var isKnown = name.ToUpperInvariant() switch
            {
                "SERVER_NO_CONTEXT_TAKEOVER" => value is null,
                "CLIENT_NO_CONTEXT_TAKEOVER" => value is null,
                "SERVER_MAX_WINDOW_BITS" => IsWindow(value),
                _ => false,
            };
            if (!isKnown || !seen.Add(name))
                throw new FormatException($"it answered the extension {Name} with '{Printable.Text(part)}', which does not fit the offer");
        }
        var terms = offered with
        {
            ServerKeepsContext = !seen.Contains(ServerForgets),
            ClientKeepsContext = offered.ClientKeepsContext && !seen.Contains(ClientForgets),
        };
        // Section 7.1.1.1: a server that accepts the offer answers with the parameter.
        if (terms.ServerKeepsContext && !offered.ServerKeepsContext)
            throw new FormatException($"it accepted the extension {Name} without the {ServerForgets} that was asked for");
        return terms;
    }

    /// <summary>The terms as a field.</summary>
    public override string ToString() => Offer(ServerKeepsContext, ClientKeepsContext);

    // Any window up to 32 KiB can be inflated with one of 32 KiB, so that the size itself is of no use to us.
    private static bool IsWindow(string? value) =>
        value is not null && int.TryParse(value.Trim('"'), NumberStyles.None, CultureInfo.InvariantCulture, out var bits) && bits is >= 8 and <= 15 && value.Trim('"')[0] != '0';
}
