namespace Codomyrmex.Networking.Scanning.Protocol;

/// <summary>What <see cref="XmlTokens"/> reads.</summary>
internal enum XmlToken
{
    /// <summary>An element begins.</summary>
    Start,

    /// <summary>An element ends.</summary>
    End,

    /// <summary>Text between tags.</summary>
    Text,
}
