using System.Runtime.CompilerServices;
using System.Text.Json.Serialization.Metadata;
using Codomyrmex.Networking.Http.Internal;

namespace Codomyrmex.Networking.Http;

/// <summary>Lists that come page by page.</summary>
public sealed partial class HTTPClient
{
    /// <summary>
    /// Gets a list page by page, following the link <c>next</c> of the <c>Link</c> fields (RFC 8288). A page is asked for when the loop comes to it, and is the
    /// caller's to dispose. A page that is no success ends the loop with its error, so that a list is never silently short.
    /// </summary>
    /// <param name="url">The first page: an absolute URL, or one relative to the base.</param>
    /// <param name="pages">How far to go; null for the defaults.</param>
    /// <param name="options">What is special about these requests; <see cref="RequestOptions.Query"/> is for the first, the links have it in them.</param>
    /// <param name="cancellationToken">Cancels the call.</param>
    /// <exception cref="HTTPException">
    /// A page's status is no success (<c>http.status</c>); or the pages lead in a circle, to another origin, or beyond the limit (<c>http.pages</c>).
    /// </exception>
    public IAsyncEnumerable<Response> PagesAsync(
        string url, PageOptions? pages = null, RequestOptions? options = null, CancellationToken cancellationToken = default) =>
        PagesAsync(new Request("GET", url) { Options = options ?? RequestOptions.Default }, NextByLink, pages, cancellationToken);

    /// <summary>
    /// Gets a list page by page, where the caller finds the next page's request in the page: a cursor in its JSON, an offset, a POST with another body. A page is asked
    /// for when the loop comes to it, and is the caller's to dispose.
    /// </summary>
    /// <param name="first">The request for the first page.</param>
    /// <param name="next">The request for the page after this one; null after the last. Called before the page is handed out.</param>
    /// <param name="pages">How far to go; null for the defaults.</param>
    /// <param name="cancellationToken">Cancels the call.</param>
    /// <inheritdoc cref="PagesAsync(string, PageOptions?, RequestOptions?, CancellationToken)" path="/exception"/>
    public IAsyncEnumerable<Response> PagesAsync(
        Request first, Func<Response, Request?> next, PageOptions? pages = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(first);
        ArgumentNullException.ThrowIfNull(next);
        pages ??= PageOptions.Default;
        pages.Validate();
        return WalkAsync(first, next, pages, cancellationToken);
    }

    /// <summary>The items of a list whose pages are JSON arrays, linked by the link <c>next</c>.</summary>
    /// <typeparam name="T">An item's type.</typeparam>
    /// <param name="url">The first page: an absolute URL, or one relative to the base.</param>
    /// <param name="typeInfo">The metadata of a page.</param>
    /// <param name="pages">How far to go; null for the defaults.</param>
    /// <param name="options">What is special about these requests.</param>
    /// <param name="cancellationToken">Cancels the call.</param>
    /// <inheritdoc cref="PagesAsync(string, PageOptions?, RequestOptions?, CancellationToken)" path="/exception"/>
    public IAsyncEnumerable<T> ItemsAsync<T>(
        string url, JsonTypeInfo<T[]> typeInfo, PageOptions? pages = null, RequestOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(typeInfo);
        return ItemsOf(PagesAsync(url, pages, options, cancellationToken), typeInfo, cancellationToken);
    }

    private static async IAsyncEnumerable<T> ItemsOf<T>(
        IAsyncEnumerable<Response> pages, JsonTypeInfo<T[]> typeInfo, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await foreach (var page in pages.WithCancellation(cancellationToken).ConfigureAwait(false))
        {
            T[] items;
            using (page)
                items = page.Json(typeInfo) ?? [];
            foreach (var item in items)
                yield return item;
        }
    }

    private async IAsyncEnumerable<Response> WalkAsync(
        Request first, Func<Response, Request?> next, PageOptions rules, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var walk = new PageWalk(rules, first);
        for (Request? request = first; request is not null;)
        {
            var page = await SendAsync(request, cancellationToken).ConfigureAwait(false);
            try
            {
                page.EnsureSuccess();
                request = next(page) is { } following ? walk.Step(page, following) : null;
            }
            catch
            {
                page.Dispose();
                throw;
            }
            yield return page;
        }
    }

    private static Request? NextByLink(Response page)
    {
        foreach (var link in page.Links)
        {
            if (link.Relation == "next")
                return new Request("GET", link.Target.AbsoluteUri);
        }
        return null;
    }
}
