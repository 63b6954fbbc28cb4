using System.Text;

namespace Codomyrmex.Networking.Testing;

/// <summary>A request that a <see cref="MockTransport"/> got: what would have gone to the wire, hop by hop and attempt by attempt.</summary>
public sealed class MockRequest
{
    // What frames a message is the engine's affair, and no engine takes part.
    private static readonly HashSet<string> Framing = new(StringComparer.OrdinalIgnoreCase)
    {
        "Content-Length", "Transfer-Encoding", "Connection", "Keep-Alive", "Upgrade", "TE", "Trailer", "Proxy-Connection", "Proxy-Authorization",
    };

    private MockRequest(string method, Uri url, HeaderMap headers, byte[] body) => (Method, Url, Headers, Body) = (method, url, headers, body);

    /// <summary>The method.</summary>
    public string Method { get; }

    /// <summary>The absolute URL.</summary>
    public Uri Url { get; }

    /// <summary>The fields, those of the body included; secret ones are masked when the map is printed, not when it is read.</summary>
    public HeaderMap Headers { get; }

    /// <summary>The body.</summary>
    public ReadOnlyMemory<byte> Body { get; }

    /// <summary>The body as UTF-8.</summary>
    public string Text => Encoding.UTF8.GetString(Body.Span);

    /// <summary>The method and the URL.</summary>
    public override string ToString() => $"{Method} {Url}";

    internal static async Task<MockRequest> OfAsync(HttpRequestMessage message, CancellationToken cancellationToken)
    {
        var headers = new HeaderMap();
        AddTo(headers, message.Headers);
        byte[] body = [];
        if (message.Content is not null)
        {
            body = await message.Content.ReadAsByteArrayAsync(cancellationToken).ConfigureAwait(false);
            AddTo(headers, message.Content.Headers);
        }
        return new MockRequest(message.Method.Method, message.RequestUri!, headers, body);
    }

    private static void AddTo(HeaderMap map, System.Net.Http.Headers.HttpHeaders headers)
    {
        foreach (var (name, values) in headers.NonValidated)
        {
            foreach (var value in values)
            {
                if (!Framing.Contains(name))
                    map.Add(name, value);
            }
        }
    }
}
