namespace Codomyrmex.Networking.Http.Internal;

/// <summary>The URL of a request: resolved against the session's base, with the session's and the request's query appended, over https where its host is for that alone.</summary>
internal static class RequestTarget
{
    public static ParsedUrl Of(Session session, string url, RequestOptions options, bool binds = true)
    {
        var parsed = session.Urls.Get(url, session.BaseUrl, session.Options.AllowOtherOrigins);
        // A prepared request has the session's query already.
        if ((session.Options.Query.Count == 0 || options.IsPrepared) && options.Query.Count == 0)
            return parsed.Upgraded(session.Options.Hsts);
        var builder = UrlBuilder.Parse(parsed.Uri.PathAndQuery + parsed.Uri.Fragment).Query(options.IsPrepared ? [] : session.QueryFor(parsed.Origin, binds)).Query(options.Query);
        return parsed.WithUri(RequestUrl.At(parsed.Uri, builder.ToString())).Upgraded(session.Options.Hsts);
    }
}
