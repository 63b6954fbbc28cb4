namespace Codomyrmex.Networking.Resilience.Internal;

/// <summary>What is kept of one host.</summary>
internal interface IHostState
{
    /// <summary>Whether forgetting it changes nothing: nobody uses it, and it is as new.</summary>
    bool IsIdle { get; }
}
