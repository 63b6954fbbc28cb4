namespace Codomyrmex.Networking.Testing.Internal.WebSockets;

/// <summary>One extension out of <c>Sec-WebSocket-Extensions</c> (RFC 6455, section 9.1): its name and its parameters in order.</summary>
internal sealed record ExtensionOffer(string Name, IReadOnlyList<(string Name, string? Value)> Parameters)
{
    /// <summary>Takes a field apart. Quoted values lose their quotes; they can hold nothing but a token, so no comma either.</summary>
    public static IReadOnlyList<ExtensionOffer> Parse(string field) =>
    [
        .. from offer in field.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries)
           let parts = offer.Split(';', StringSplitOptions.TrimEntries)
           select new ExtensionOffer(parts[0], [.. parts.Skip(1).Select(Parameter)]),
    ];

    private static (string Name, string? Value) Parameter(string text)
    {
        var parts = text.Split('=', 2, StringSplitOptions.TrimEntries);
        return (parts[0], parts.Length == 1 ? null : parts[1].Trim('"'));
    }
}
