namespace Codomyrmex.Networking.Http.Internal;

/// <summary>Undoes content codings (RFC 9110, section 8.4): gzip, deflate, br and zstd, a few at most stacked.</summary>
internal static class ContentDecoding
{
    public const string Accepted = "gzip, deflate, br, zstd";

    /// <summary>The codings of a body in the order they were applied, or null where there is none to undo.</summary>
    /// <exception cref="HTTPException">More are stacked than allowed.</exception>
    public static List<string>? Codings(HttpResponseMessage message, ResponseLimits limits, Uri url)
    {
        if (!message.Content.Headers.NonValidated.TryGetValues("Content-Encoding", out var values))
            return null;
        List<string>? codings = null;
        foreach (var value in values)
        {
            foreach (var part in value.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
            {
                if (!part.Equals("identity", StringComparison.OrdinalIgnoreCase))
                    (codings ??= []).Add(part.ToLowerInvariant());
            }
        }
        if (codings?.Count > limits.ContentEncodings)
        {
            var endpoint = Endpoint.Of(url);
            throw new NetworkFailure
            {
                Code = ErrorCodes.HttpTooLarge,
                Message = $"{endpoint} stacked {codings.Count} content codings; {limits.ContentEncodings} are allowed (ResponseLimits.ContentEncodings).",
                Phase = NetworkPhase.Receive,
                Endpoint = endpoint,
                WasSent = WasSent.Yes,
            }.ToException();
        }
        // What we did not ask for and cannot undo is handed out as it is, like a browser's download.
        return codings is not null && codings.TrueForAll(c => c is "gzip" or "x-gzip" or "deflate" or "br" or "zstd") ? codings : null;
    }

    /// <summary>Wraps the coded body in its decoders, the last coding applied being the first undone.</summary>
    public static Stream Decode(Stream body, List<string> codings, ResponseLimits limits, Endpoint endpoint)
    {
        CodedStream? wire = null;
        for (var i = codings.Count - 1; i >= 0; i--)
        {
            var coded = new CodedStream(body);
            wire ??= coded;
            body = new DecodedStream(coded, wire, codings[i], limits.DecompressionRatio, endpoint);
        }
        return body;
    }
}
