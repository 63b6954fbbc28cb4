using System.Net;
using Codomyrmex.Networking.Transport.Internal;

namespace Codomyrmex.Networking.Http.Internal;

/// <summary>
/// An <see cref="HTTPClient"/> behind the platform's own seam, for programs that want an <see cref="HttpMessageHandler"/>. It speaks the
/// platform's manners: statuses are no errors, a failure is an <see cref="HttpRequestException"/> with ours inside, a timeout a
/// <see cref="TaskCanceledException"/> with a <see cref="TimeoutException"/> inside.
/// </summary>
internal sealed class ClientMessageHandler(HTTPClient client, bool ownsClient) : HttpMessageHandler
{
    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        if (request.RequestUri is not { IsAbsoluteUri: true } url)
            throw new InvalidOperationException("The request needs an absolute URL.");
        try
        {
            var response = await client.StreamAsync(new Request(request.Method.Method, url.AbsoluteUri)
            {
                Body = request.Content is null ? null : new ContentBody(request.Content),
                Options = RequestOptions.Default with { Headers = Fields(request), Version = VersionOf(request) },
            }, cancellationToken).ConfigureAwait(false);
            return Message(response, request);
        }
        catch (NetworkException error)
        {
            throw InPlatformTerms(error);
        }
    }

    // For callers of HttpClient.Send: they have chosen to block.
    protected override HttpResponseMessage Send(HttpRequestMessage request, CancellationToken cancellationToken) =>
        Task.Run(() => SendAsync(request, cancellationToken), cancellationToken).GetAwaiter().GetResult();

    protected override void Dispose(bool disposing)
    {
        if (disposing && ownsClient)
            client.Dispose();
        base.Dispose(disposing);
    }

    /// <summary>The error that a caller of the platform's client is prepared for, with ours inside.</summary>
    public static Exception InPlatformTerms(NetworkException error) => error is NetworkTimeoutException
        ? new TaskCanceledException(error.Message, new TimeoutException(error.Message, error))
        : new HttpRequestException(ErrorMap.PlatformError(error), error.Message, error, error is HTTPException { Status: > 0 and var status } ? (HttpStatusCode)status : null);

    private static HeaderMap Fields(HttpRequestMessage request)
    {
        var fields = new HeaderMap();
        foreach (var (name, values) in request.Headers.NonValidated)
        {
            // These frame the message or belong to one connection (RFC 9110, section 7.6.1): the engine below has its own.
            if (FieldRules.IsFraming(name))
                continue;
            foreach (var value in values)
                fields.Add(name, value);
        }
        if (request.Content is null)
            return fields;
        foreach (var (name, values) in request.Content.Headers.NonValidated)
        {
            if (!FieldRules.IsFraming(name))
                fields.Add(name, string.Join(", ", values));
        }
        return fields;
    }

    // What the platform's client asks for by itself is 1.1 "or lower"; that is no wish of the caller's.
    private static HttpVersionChoice? VersionOf(HttpRequestMessage request) => request switch
    {
        { Version.Major: 3, VersionPolicy: HttpVersionPolicy.RequestVersionExact } => HttpVersionChoice.Http3,
        { Version.Major: 3, VersionPolicy: HttpVersionPolicy.RequestVersionOrLower } => HttpVersionChoice.PreferHttp3,
        { Version.Major: 2, VersionPolicy: HttpVersionPolicy.RequestVersionExact } => HttpVersionChoice.Http2,
        { Version: { Major: 1, Minor: 1 }, VersionPolicy: HttpVersionPolicy.RequestVersionExact } => HttpVersionChoice.Http11,
        _ => null,
    };

    private static HttpResponseMessage Message(Response response, HttpRequestMessage request)
    {
        request.RequestUri = response.Url;
        var message = new HttpResponseMessage((HttpStatusCode)response.Status)
        {
            ReasonPhrase = response.Reason,
            Version = response.Version,
            RequestMessage = request,
            Content = new ResponseContent(response),
        };
        foreach (var (name, value) in response.Headers)
        {
            // The coded form is gone, and with it its length.
            if (response.IsDecoded && (name.Equals("Content-Encoding", StringComparison.OrdinalIgnoreCase) || name.Equals("Content-Length", StringComparison.OrdinalIgnoreCase)))
                continue;
            if (!message.Headers.TryAddWithoutValidation(name, value))
                message.Content.Headers.TryAddWithoutValidation(name, value);
        }
        return message;
    }
}
