namespace Codomyrmex.Networking.Http.Internal;

/// <summary>The way from page to page, and what keeps it from going on for ever or elsewhere.</summary>
internal sealed class PageWalk(PageOptions rules, Request first)
{
    private readonly HashSet<string> _seen = new(StringComparer.Ordinal);
    private string? _origin;
    private Uri? _named;
    private int _count = 1;

    /// <summary>The request for the page after one, checked.</summary>
    public Request Step(Response page, Request next)
    {
        _origin ??= RequestUrl.Origin(page.Url);
        // The first page may have been redirected, or upgraded to https, itself.
        _named ??= page.History is [var hop, ..] ? (hop.IsUpgrade ? hop.Location : hop.Url) : page.Url;
        var url = RequestUrl.Read(next.Url, page.Url, out var problem) ?? throw Failure(page, $"leads to '{RequestUrl.Shown(next.Url)}', which is not followed: it {problem}");
        if (_count == 1)
            _seen.Add(RequestUrl.Text(page.Url));
        // A body may hold the cursor: the same URL is then another page.
        if (next.Body is null && !_seen.Add(url.GetComponents(UriComponents.HttpRequestUrl, UriFormat.UriEscaped)))
            throw Failure(page, $"leads to '{RequestUrl.Shown(url.AbsoluteUri)}', which has been asked for before");
        if (_count++ >= rules.Limit)
            throw Failure(page, $"has a page after it; {rules.Limit} are allowed (PageOptions.Limit)");
        if (RequestUrl.Origin(url) != _origin && !rules.AllowOtherOrigins)
            throw Failure(page, $"leads from {_origin} to {RequestUrl.Origin(url)} (PageOptions.AllowOtherOrigins)");
        // A link has the query in it.
        var options = ReferenceEquals(next.Options, RequestOptions.Default) ? first.Options with { Query = [] } : next.Options;
        return next with { Url = RequestUrl.Text(url), Options = RequestUrl.Origin(url) == RequestUrl.Origin(_named) ? options : Elsewhere(options, _named) };
    }

    // What the caller meant for the host that he named is not for one that a page names.
    private static RequestOptions Elsewhere(RequestOptions options, Uri named) => options with
    {
        NamedUrl = named,
        Query = [.. options.Query.Where(parameter => !Redactor.IsSecretName(parameter.Key))],
    };

    private static HTTPException Failure(Response page, string why) => new(new NetworkFailure
    {
        Code = ErrorCodes.HttpPages,
        Message = $"A page from {page.Endpoint} {why}.",
        Phase = NetworkPhase.Receive,
        Endpoint = page.Endpoint,
        WasSent = WasSent.Yes,
        RequestId = page.RequestId,
    })
    { Status = page.Status };
}
