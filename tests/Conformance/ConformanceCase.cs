using Codomyrmex.Networking.Testing;
using Codomyrmex.Networking.Tests.Conformance.Client;
using Codomyrmex.Networking.Tests.Conformance.Steps;

namespace Codomyrmex.Networking.Tests.Conformance;

/// <summary>
/// What a server does and what it must see of a client that sends back what it gets. The numbers are those of the sections of the public Autobahn suite,
/// whose behaviour the cases describe in our own words.
/// </summary>
/// <param name="Id">Section and number, such as <c>5.3</c>; the part before the first point is the section.</param>
/// <param name="Title">What it shows.</param>
/// <param name="Ends">How the client sees the end.</param>
/// <param name="Steps">What the server does, in order.</param>
internal sealed record ConformanceCase(string Id, string Title, ClientEnd Ends, params IReadOnlyList<IStep> Steps)
{
    /// <summary>What the client offers; null for nothing.</summary>
    public CompressionOffer? Offer { get; init; }

    /// <summary>What the server agrees to; null declines.</summary>
    public WebSocketServerCompression? Compression { get; init; }

    /// <summary>The largest message that the client may take.</summary>
    public int MaxMessageBytes { get; init; } = 64 << 20;

    /// <summary>The server's answer to the handshake; null for the right one.</summary>
    public WebSocketHandshakeAnswer? Answer { get; init; }

    /// <summary>Whether the client closes with 1000 and "done" once it has got its first message, instead of sending it back.</summary>
    public bool ClientCloses { get; init; }

    public int Section => int.Parse(Id.Split('.')[0], System.Globalization.CultureInfo.InvariantCulture);

    public override string ToString() => $"{Id} {Title}";
}
