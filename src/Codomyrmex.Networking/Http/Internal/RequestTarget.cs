namespace Codomyrmex.Networking.Http.Internal;

/// <summary>The URL of a request: resolved against the session's base, with the session's and the request's query appended, over https where its host is for that alone.</summary>
internal static class RequestTarget
{
    public static ParsedUrl Of(Session session, string url, RequestOptions options)
    {
        var parsed = session.Urls.Get(url, session.BaseUrl, session.Options.AllowOtherOrigins);
        if (session.Options.Query.Count == 0 && options.Query.Count == 0)
            return parsed.Upgraded(session.Options.Hsts);
        var builder = UrlBuilder.Parse(parsed.Uri.PathAndQuery + parsed.Uri.Fragment).Query(session.QueryFor(parsed.Origin)).Query(options.Query);
        return parsed.WithUri(RequestUrl.At(parsed.Uri, builder.ToString())).Upgraded(session.Options.Hsts);
    }
}
