namespace Codomyrmex.Networking.Transport.Internal;

/// <summary>What became of a connection that was only watched.</summary>
internal enum TrialOutcome
{
    /// <summary>Something was said.</summary>
    Alive,

    /// <summary>It was ended in an orderly way.</summary>
    Closed,

    /// <summary>It stands, and nothing was said.</summary>
    Silent,

    /// <summary>It was broken off.</summary>
    Reset,

    /// <summary>It stands, and what was sent is not taken.</summary>
    Stuck,

    /// <summary>There was none.</summary>
    Gone,
}
