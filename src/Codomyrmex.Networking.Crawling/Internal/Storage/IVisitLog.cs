namespace Codomyrmex.Networking.Crawling.Internal.Storage;

/// <summary>Where it is written down what becomes of URLs. Thread-safe.</summary>
internal interface IVisitLog
{
    /// <summary>What an earlier crawl knows of a page; null where none does.</summary>
    StoredPage? Find(UInt128 key);

    /// <summary>Writes down what was found, in one commit.</summary>
    /// <param name="found">What is to be visited.</param>
    /// <param name="leftOut">What is only to be known.</param>
    void Add(IReadOnlyList<Visit> found, IReadOnlyList<StoredUrl> leftOut);

    /// <summary>Writes down that URLs which waited may not be visited, in one commit.</summary>
    void Forbid(IReadOnlyList<Visit> visits);

    /// <summary>Writes down what became of a URL and what was found there, in one commit.</summary>
    void Close(Visit visit, PageOutcome outcome, int? status, StoredPage? page, IReadOnlyList<Visit> found, IReadOnlyList<StoredUrl> leftOut);
}
