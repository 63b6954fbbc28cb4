using System.Globalization;
using Codomyrmex.Networking.Http.Protocol;
using Codomyrmex.Networking.Resilience;
using Codomyrmex.Networking.Resilience.Internal;
using Codomyrmex.Networking.Transfers.Internal;

namespace Codomyrmex.Networking.Http.Internal;

/// <summary>
/// A file behind a URL: ranges are asked for with <c>Range</c> and <c>If-Range</c> (RFC 9110, sections 13.1.5 and 14.2), and believed only
/// where the answer says that they are the ones asked for, of the content asked for.
/// </summary>
internal sealed class HttpRemoteFile : RemoteFile
{
    private static readonly string[] OwnFields = ["Accept-Encoding", "Range", "If-Range"];

    private readonly HTTPClient _client;
    private readonly Request _request;
    private readonly ParsedUrl _url;
    private readonly long _limit;
    private volatile bool _refusesRanges;

    public HttpRemoteFile(HTTPClient client, Session session, Request request, TimeSpan total)
    {
        var (options, settings) = (request.Options, session.Options);
        if (options.Headers is { } fields && Array.Find(OwnFields, fields.Contains) is { } field)
            throw new ArgumentException($"A download sets {field} by itself.", nameof(request));
        _client = client;
        _url = RequestTarget.Of(session, request.Url, options);
        Clock = settings.Clock;
        Retry = options.Retry ?? settings.Retry;
        Budget = session.BudgetFor(_url, Retry);
        Deadline = Deadline.After(total, Clock).Earlier(options.Deadline);
        _limit = (options.Limits ?? settings.Limits).StreamedBytes;
        // The total of the options is that of an answer, not of a file.
        _request = request with
        {
            Options = options with
            {
                Deadline = Deadline,
                Timeouts = (options.Timeouts ?? settings.Timeouts) with { Total = Timeout.InfiniteTimeSpan },
                KeepsCoding = true,
            },
        };
    }

    public override string Source => Redactor.Redact(RequestUrl.Text(_url.Uri));

    public override Endpoint Endpoint => _url.Endpoint;

    public override TimeProvider Clock { get; }

    public override RetryOptions Retry { get; }

    public override RetryBudget? Budget { get; }

    public override Deadline Deadline { get; }

    public override bool RefusesRanges => _refusesRanges;

    public override async Task<RemotePart> OpenAsync(long from, long? to, string? validator, CancellationToken cancellationToken)
    {
        if (validator is not null && !_refusesRanges && (from > 0 || to is not null))
        {
            if (await OpenRangeAsync(from, to, validator, cancellationToken).ConfigureAwait(false) is { } part)
                return part;
        }
        var response = await _client.StreamAsync(With(null), cancellationToken).ConfigureAwait(false);
        try
        {
            return response.Status is 200 or 203 ? Whole(response) : throw await RefusalAsync(response, cancellationToken).ConfigureAwait(false);
        }
        catch
        {
            response.Dispose();
            throw;
        }
    }

    public override NetworkException EndedEarly(long at, long expected) =>
        Failure(ErrorCodes.HttpTruncated, $"The body from {Endpoint} ended at byte {at}, {expected - at} bytes before its end.");

    /// <summary>A part; the whole where the content is another now; null where the answer is of no use and the whole must be asked for.</summary>
    private async Task<RemotePart?> OpenRangeAsync(long from, long? to, string validator, CancellationToken cancellationToken)
    {
        var range = string.Create(CultureInfo.InvariantCulture, $"bytes={from}-{to - 1}");
        var response = await _client.StreamAsync(With(range, validator), cancellationToken).ConfigureAwait(false);
        try
        {
            switch (response.Status)
            {
                case 206 when IsAsked(response, from, to, validator) is { } content:
                    DemandSize(content.Total);
                    return new RemotePart(response.OpenStream(), response)
                    {
                        From = from,
                        To = content.Last + 1,
                        Total = content.Total,
                        Validator = validator,
                        HasRanges = true,
                        ETag = response.Field("ETag"),
                        SuggestedName = NameFor(response),
                        Sha256 = DigestField.Sha256(response.Field("Repr-Digest")),
                    };
                case 200 or 203:
                    var whole = Whole(response);
                    // The content is the same, but the range was not given.
                    _refusesRanges |= whole.Validator == validator;
                    return whole;
                case 206:
                    // Other bytes than those asked for, or of other content: this server's ranges are not to be trusted.
                    _refusesRanges = true;
                    response.Dispose();
                    return null;
                case 416:
                    // The content has become shorter.
                    response.Dispose();
                    return null;
                default:
                    throw await RefusalAsync(response, cancellationToken).ConfigureAwait(false);
            }
        }
        catch
        {
            response.Dispose();
            throw;
        }
    }

    private RemotePart Whole(Response response)
    {
        long? total = long.TryParse(response.Field("Content-Length"), NumberStyles.None, CultureInfo.InvariantCulture, out var length) ? length : null;
        DemandSize(total);
        return new RemotePart(response.OpenStream(), response)
        {
            From = 0,
            To = total,
            Total = total,
            Validator = ValidatorOf(response),
            HasRanges = !_refusesRanges && response.Field("Accept-Ranges")?.Contains("bytes", StringComparison.OrdinalIgnoreCase) == true,
            ETag = response.Field("ETag"),
            SuggestedName = NameFor(response),
            Sha256 = DigestField.Sha256(response.Field("Repr-Digest")) ?? DigestField.Sha256(response.Field("Content-Digest")),
        };
    }

    private static ContentRange? IsAsked(Response response, long from, long? to, string validator)
    {
        if (ContentRange.Parse(response.Field("Content-Range")) is not { } content || content.First != from || content.Last >= (to ?? long.MaxValue))
            return null;
        if (long.TryParse(response.Field("Content-Length"), NumberStyles.None, CultureInfo.InvariantCulture, out var length) && length != content.Last - from + 1)
            return null;
        // A part repeats the validator of its whole (section 15.3.7); where it does not, If-Range has vouched for it.
        var isSame = validator.StartsWith('"') ? response.Field("ETag") is null || response.Field("ETag") == validator : response.Field("Last-Modified") is null || response.Field("Last-Modified") == validator;
        return isSame ? content : null;
    }

    private static string? ValidatorOf(Response response) => StrongValidator.Of(response.Field("ETag"), response.Field("Last-Modified"), response.Field("Date"));

    private static string? NameFor(Response response) =>
        ContentDisposition.FileName(response.Field("Content-Disposition")) ?? Uri.UnescapeDataString(response.Url.Segments[^1]);

    private Request With(string? range, string? validator = null)
    {
        var headers = _request.Options.Headers is { } own ? new HeaderMap(own) : new HeaderMap();
        // Ranges, sizes and hashes are then those of the bytes in the file.
        headers["Accept-Encoding"] = "identity";
        headers["Range"] = range;
        headers["If-Range"] = validator;
        return _request with { Options = _request.Options with { Headers = headers } };
    }

    private void DemandSize(long? total)
    {
        if (total > _limit)
            throw Failure(ErrorCodes.HttpTooLarge, $"The file at {Endpoint} has {total} bytes, more than {_limit} (ResponseLimits.StreamedBytes).");
    }

    private async Task<NetworkException> RefusalAsync(Response response, CancellationToken cancellationToken)
    {
        const int ShortBody = 64 * 1024;
        if (response.Status == 206)
            return Failure(ErrorCodes.HttpMalformed, $"{Endpoint} answered with a part where nobody had asked for one.");
        try
        {
            if (long.TryParse(response.Field("Content-Length"), NumberStyles.None, CultureInfo.InvariantCulture, out var length) && length <= ShortBody)
                await response.BufferAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (NetworkException)
        {
            // The status says enough.
        }
        return StatusFailure.Of(response);
    }

    private NetworkException Failure(string code, string message) => new NetworkFailure
    {
        Code = code,
        Message = message,
        Phase = NetworkPhase.Receive,
        Endpoint = Endpoint,
        WasSent = WasSent.Yes,
    }.ToException();
}
