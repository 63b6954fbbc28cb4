using System.Globalization;

namespace Codomyrmex.Networking.Testing.Internal.WebSockets;

/// <summary>What client and server agreed on for permessage-deflate (RFC 7692, section 7.1).</summary>
internal sealed record DeflateAgreement(bool ServerKeepsContext, bool ClientKeepsContext, int ServerBits, int ClientBits, string Answer)
{
    private const string Name = "permessage-deflate";

    /// <summary>Accepts the first offer that is well-formed and leaves room for what the server wants; null where there is none.</summary>
    public static DeflateAgreement? Choose(string offers, WebSocketServerCompression wanted) =>
        ExtensionOffer.Parse(offers).Where(static offer => offer.Name == Name).Select(offer => Accept(offer, wanted)).FirstOrDefault(static accepted => accepted is not null);

    private static DeflateAgreement? Accept(ExtensionOffer offer, WebSocketServerCompression wanted)
    {
        var (serverForgets, clientForgets, serverBits, clientBits) = (wanted.ServerNoContextTakeover, wanted.ClientNoContextTakeover, wanted.ServerMaxWindowBits, wanted.ClientMaxWindowBits);
        int? clientLimit = null, named = null;
        if (offer.Parameters.DistinctBy(static parameter => parameter.Name).Count() != offer.Parameters.Count)
            return null;
        foreach (var (name, value) in offer.Parameters)
        {
            switch (name)
            {
                case "server_no_context_takeover" when value is null:
                    serverForgets = true;
                    break;
                case "client_no_context_takeover" when value is null:
                    clientForgets = true;
                    break;
                case "server_max_window_bits" when Bits(value) is { } bits:
                    serverBits = Math.Min(serverBits ?? bits, bits);
                    break;
                case "client_max_window_bits" when value is null || Bits(value) is not null:
                    clientLimit = Bits(value) ?? 15;
                    named = Bits(value);
                    break;
                default:
                    return null;
            }
        }
        if (clientBits is not null && clientLimit is null)
            return null;
        if (clientBits > clientLimit)
            clientBits = clientLimit;
        clientBits ??= named;
        var answer = Name
            + (serverForgets ? "; server_no_context_takeover" : "")
            + (clientForgets ? "; client_no_context_takeover" : "")
            + (serverBits is null ? "" : string.Create(CultureInfo.InvariantCulture, $"; server_max_window_bits={serverBits}"))
            + (clientBits is null ? "" : string.Create(CultureInfo.InvariantCulture, $"; client_max_window_bits={clientBits}"));
        return new DeflateAgreement(!serverForgets, !clientForgets, serverBits ?? 15, clientBits ?? 15, answer);
    }

    // RFC 7692, section 7.1.2.1: 8 to 15, without leading zeros.
    private static int? Bits(string? value) => value switch
    {
        "8" => 8,
        "9" => 9,
        "10" => 10,
        "11" => 11,
        "12" => 12,
        "13" => 13,
        "14" => 14,
        "15" => 15,
        _ => null,
    };
}
