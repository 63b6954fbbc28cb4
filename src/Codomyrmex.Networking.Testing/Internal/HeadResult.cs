namespace Codomyrmex.Networking.Testing.Internal;

/// <summary>What the parser of a request's head made of the bytes so far.</summary>
internal enum HeadResult
{
    /// <summary>More bytes are needed.</summary>
    Incomplete,

    /// <summary>The head is complete.</summary>
    Complete,

    /// <summary>The head is wrong; the parser holds the status to answer with.</summary>
    Refused,
}
