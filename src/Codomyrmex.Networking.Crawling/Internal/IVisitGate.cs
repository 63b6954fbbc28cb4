namespace Codomyrmex.Networking.Crawling.Internal;

/// <summary>Has the last word on whether a visit may begin now. Thread-safe, and quick: it is asked under a lock.</summary>
internal interface IVisitGate
{
    /// <summary>Whether a visit may begin. One that may not is asked about again when the frontier is woken.</summary>
    bool TryEnter();

    /// <summary>A visit that was let in is over and brought no page.</summary>
    void Leave();
}
