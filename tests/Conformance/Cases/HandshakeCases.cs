using Codomyrmex.Networking.Testing;
using Codomyrmex.Networking.Tests.Conformance.Client;
using Codomyrmex.Networking.Tests.Conformance.Steps;
using static Codomyrmex.Networking.Tests.Conformance.Cases.CaseKit;

namespace Codomyrmex.Networking.Tests.Conformance.Cases;

/// <summary>Section 14, our own: answers to the handshake that a client must not take (RFC 6455, section 4.1; RFC 7692, section 7.1), and such that it must.</summary>
internal static class HandshakeCases
{
    private const string Deflate = "permessage-deflate";
    private static readonly CompressionOffer Offer = new();
    private static readonly WebSocketServerCompression Narrow = new() { ServerMaxWindowBits = 12 };
    private static readonly IStep[] Hello = [new SendMessage(true, "hello"u8.ToArray()), new SeesEcho(true, "hello"u8.ToArray())];

    public static IEnumerable<ConformanceCase> All =>
    [
        Refused("14.1.1", "a wrong Sec-WebSocket-Accept", new() { Accept = "AAAAAAAAAAAAAAAAAAAAAAAAAAA=" }),
        Refused("14.1.2", "no Sec-WebSocket-Accept", new() { Without = ["Sec-WebSocket-Accept"] }),
        Refused("14.1.3", "an empty Sec-WebSocket-Accept", new() { Accept = "" }),
        Refused("14.1.4", "two Sec-WebSocket-Accept", new() { Headers = [new("Sec-WebSocket-Accept", "AAAAAAAAAAAAAAAAAAAAAAAAAAA=")] }),
        Refused("14.2.1", "no Upgrade", new() { Without = ["Upgrade"] }),
        Refused("14.2.2", "an Upgrade to something else", new() { Without = ["Upgrade"], Headers = [new("Upgrade", "h2c")] }),
        Refused("14.2.3", "no Connection", new() { Without = ["Connection"] }),
        Refused("14.2.4", "a Connection that does not say Upgrade", new() { Without = ["Connection"], Headers = [new("Connection", "keep-alive")] }),
        Refused("14.3.1", "a subprotocol that nobody asked for", new() { Subprotocol = "chat" }),
        Refused("14.3.2", "an extension that nobody asked for", new() { Extensions = "x-nothing" }),
        Refused("14.3.3", "permessage-deflate that nobody asked for", new() { Extensions = Deflate }),
        Refused("14.4.1", "status 200 with everything else right", WebSocketHandshakeAnswer.Refuse(200, "hello")),
        Refused("14.4.2", "status 403", WebSocketHandshakeAnswer.Refuse(403, "no")),
        Refused("14.4.3", "status 500 without a body", WebSocketHandshakeAnswer.Refuse(500)),
        Refused("14.5.1", "letters instead of HTTP", new() { Raw = "this is no HTTP\r\n\r\n"u8.ToArray() }),
        Refused("14.5.2", "an end within the head", new() { Raw = "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n"u8.ToArray() }),
        Refused("14.5.3", "a frame before the head", new() { Before = Wire.Frame(Wire.Text, "early"u8) }),
        .. ((string[])[
                "; server_max_window_bits=7", "; server_max_window_bits=16", "; server_max_window_bits=09", "; server_max_window_bits", "; server_max_window_bits=abc", "; server_max_window_bits=-9",
                "; client_max_window_bits=7", "; client_max_window_bits=16", "; client_max_window_bits=010",
                "; server_no_context_takeover=1", "; client_no_context_takeover=true", "; unknown", "; unknown=1",
                "; server_no_context_takeover; server_no_context_takeover", "; server_max_window_bits=10; server_max_window_bits=12", ", permessage-deflate", ", x-nothing", ";", "; =1"])
            .Select((parameters, index) => Refused($"14.6.{index + 1}", $"the answer {Deflate}{parameters}", new() { Extensions = Deflate + parameters }) with { Offer = Offer }),
        Refused("14.6.30", "a context kept that was to be forgotten", new() { Extensions = Deflate }) with { Offer = new(ServerNoContextTakeover: true) },
        Works("14.7.1", "names in odd case, values among others", Greeting) with
        {
            Answer = new() { Without = ["Upgrade", "Connection"], Headers = [new("upgrade", "WebSocket"), new("CONNECTION", "keep-alive, uPGRADE"), new("X-Other", "1")] },
        },
        Works("14.7.2", "a message in the same write as the head", [new SeesMessage(true, "early"u8.ToArray()), .. Greeting]) with { Answer = new() { Behind = Wire.Frame(Wire.Text, "early"u8) } },
        Works("14.7.3", "half a message in the same write as the head", [new Send("ly"u8.ToArray()), new SeesMessage(true, "early"u8.ToArray()), .. Greeting]) with
        {
            Answer = new() { Behind = Wire.Frame(Wire.Text, "early"u8)[..^2] },
        },
        Works("14.7.4", "compression declined", Greeting) with { Offer = Offer },
        Works("14.7.5", "quotes around a parameter's value", Hello) with { Offer = Offer, Compression = Narrow, Answer = new() { Extensions = Deflate + "; server_max_window_bits=\"12\"" } },
        Works("14.7.6", "white space around parameters", Hello) with { Offer = Offer, Compression = Narrow with { ClientNoContextTakeover = true }, Answer = new() { Extensions = Deflate + " ;  client_no_context_takeover ; server_max_window_bits=12 " } },
    ];

    private static ConformanceCase Refused(string id, string title, WebSocketHandshakeAnswer answer) => new(id, title, ClientEnd.Refused) { Answer = answer };
}
