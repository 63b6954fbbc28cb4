using Refit;

namespace Codomyrmex.Networking.Benchmarks.Workers;

/// <summary>The server as Refit sees it.</summary>
internal interface IFiles
{
    [Get("/small.txt")]
    Task<string> SmallAsync();
}
