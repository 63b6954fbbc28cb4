using Orleans.Concurrency;

namespace Codomyrmex.Networking.Fleet.Internal.Crawls;

/// <summary>
/// What is known of one host of a crawl, on the disk: its URLs and what became of them, its robots.txt, its pace. It does not ask the host anything: the machine that has leave does, and
/// commits here. Its key is <see cref="HostKey.Of"/>.
/// </summary>
internal interface IHostGrain : IGrainWithStringKey
{
    /// <summary>A machine begins with the host.</summary>
    /// <param name="machine">Which; each time it begins it has another name.</param>
    /// <exception cref="InvalidOperationException">The crawl is gone.</exception>
    Task<HostOpening> OpenAsync(string machine);

    /// <summary>The URLs from a number on, in the order in which they were found; that order never changes.</summary>
    [ReadOnly]
    Task<UrlEntry[]> UrlsAsync(int from);

    /// <summary>Writes down what a machine did; when it returns, it is on the disk.</summary>
    Task<CommitReply> CommitAsync(HostCommit commit);

    /// <summary>
    /// Takes in URLs that were found on other hosts; when it returns, they are on the disk, and the crawl knows that there is something to do. False where the crawl has no room for the host.
    /// </summary>
    Task<bool> OfferAsync(UrlEntry[] urls, int mostUrls);

    /// <summary>Takes away what is known of it. Its crawl is gone by then, and nothing that is still told of it is written down.</summary>
    Task ForgetAsync();

    /// <summary>The pages from a number on, in the order in which they were written down; that order never changes.</summary>
    [ReadOnly]
    Task<UrlEntry[]> PagesAsync(int from);
}
