namespace Codomyrmex.Networking.Http;

/// <summary>A coding that a body can be sent in (RFC 9110, section 8.4.1).</summary>
public enum ContentCoding
{
    /// <summary><c>gzip</c> (RFC 1952): what a server that takes coded requests most likely takes.</summary>
    Gzip,

    /// <summary><c>br</c> (RFC 7932).</summary>
    Brotli,

    /// <summary><c>zstd</c> (RFC 8878), with a window that every decoder has room for (RFC 9659).</summary>
    Zstd,
}
