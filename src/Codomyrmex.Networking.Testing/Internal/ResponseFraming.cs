namespace Codomyrmex.Networking.Testing.Internal;

/// <summary>How the end of a response's body is told (RFC 9112, section 6.3).</summary>
internal enum ResponseFraming
{
    /// <summary>There is no body.</summary>
    None,

    /// <summary>By Content-Length.</summary>
    Length,

    /// <summary>By the last chunk.</summary>
    Chunked,

    /// <summary>By the end of the connection.</summary>
    Close,
}
