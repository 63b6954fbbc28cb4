namespace Codomyrmex.Networking.Crawling.Internal;

/// <summary>What became of a URL, as the state file keeps it. The numbers are in files: none may change.</summary>
internal enum PageOutcome
{
    Waiting = 0,
    Visited = 1,
    Failed = 2,
    Forbidden = 3,
    Redirected = 4,

    /// <summary>It lies outside of the scope, or too deep: only a run that reaches further visits it.</summary>
    Outside = 5,
}
