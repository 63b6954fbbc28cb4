namespace Codomyrmex.Networking.Cli.Commands;

/// <summary>What is spoken at the top of an explained connection.</summary>
internal enum ExplainScheme
{
    /// <summary>A connection, and nothing over it.</summary>
    Bare,

    /// <summary>HTTP: one GET.</summary>
    Http,

    /// <summary>A WebSocket: its handshake.</summary>
    WebSocket,

    /// <summary>TCP, with what the peer says first.</summary>
    Tcp,

    /// <summary>SSH: key exchange, host key, authentication.</summary>
    Ssh,

    /// <summary>SFTP over SSH.</summary>
    Sftp,

    /// <summary>A question to a name server over UDP.</summary>
    Dns,
}
