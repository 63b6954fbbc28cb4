namespace Codomyrmex.Networking.Cli.Mcp;

/// <summary>What a tool may do, as its annotations say it. A client that asks people before it calls a tool goes by these, so none is made to look better than it is.</summary>
[Flags]
internal enum ToolHints
{
    None = 0,

    /// <summary>Changes nothing anywhere.</summary>
    ReadOnly = 1,

    /// <summary>May overwrite or delete, here or there.</summary>
    Destructive = 2,

    /// <summary>Twice is as good as once.</summary>
    Idempotent = 4,

    /// <summary>Reaches out of this machine.</summary>
    OpenWorld = 8,
}
