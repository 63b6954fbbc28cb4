namespace Codomyrmex.Networking.Scanning;

/// <summary>What a scan found of a port. <see cref="ScanText.Of(PortState)"/> has the words that reports use.</summary>
public enum PortState
{
    /// <summary>Something accepts connections, or has answered a datagram (<c>open</c>).</summary>
    Open,

    /// <summary>The host says that nothing listens (<c>closed</c>).</summary>
    Closed,

    /// <summary>Nothing came back, or word from something on the way that the port cannot be reached (<c>filtered</c>).</summary>
    Filtered,

    /// <summary>Nothing came back, and whoever listens for datagrams need not answer: not to be told apart (<c>open|filtered</c>).</summary>
    OpenOrFiltered,
}
