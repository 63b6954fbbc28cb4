using System.Globalization;
using System.Net;
using Codomyrmex.Networking.Http.Protocol;
using Codomyrmex.Networking.Transport.Internal;

namespace Codomyrmex.Networking.Http.Internal;

/// <summary>A stored answer, as it came over the wire. Immutable.</summary>
internal sealed class CacheEntry
{
    private readonly CacheControl _control;
    private readonly DateTimeOffset _date;
    private readonly TimeSpan _received;
    private readonly TimeSpan _lifetime;

    public CacheEntry(CacheRecord record, ReadOnlyMemory<byte> body)
    {
        Record = record;
        Body = body;
        _control = CacheControl.Parse(Field("Cache-Control"));
        _date = HttpDate.Parse(Field("Date")) ?? record.ReceivedAt;
        _received = uint.TryParse(Field("Age"), NumberStyles.None, CultureInfo.InvariantCulture, out var age) ? TimeSpan.FromSeconds(age) : TimeSpan.Zero;
        _lifetime = Freshness.Lifetime(_control, record.Status, Field("Expires"), _date, HttpDate.Parse(LastModified));
    }

    public CacheRecord Record { get; }

    public ReadOnlyMemory<byte> Body { get; }

    public string? ETag => Field("ETag");

    public string? LastModified => Field("Last-Modified");

    public long Size => Body.Length + Record.Url.Length + Record.Fields.Sum(static text => (long)text.Length + 32) + 256;

    /// <summary>Whether a request may be answered with it: same caller, and the same in every field that the answer varies by.</summary>
    public bool Fits(string caller, WireRequest request)
    {
        if (Record.Caller != caller)
            return false;
        for (var i = 0; i < Record.VaryNames.Length; i++)
        {
            if (!string.Equals(CacheRecord.VaryOf(request, Record.VaryNames[i]), Record.VaryValues[i], StringComparison.Ordinal))
                return false;
        }
        return true;
    }

    /// <summary>Whether it may be used without asking (section 4.2), and whether it is then still fresh.</summary>
    public CacheOutcome Judge(CacheControl request, DateTimeOffset now)
    {
        if (request.NoCache || _control.NoCache)
            return CacheOutcome.None;
        var age = Age(now);
        if (request.MaxAge < age)
            return CacheOutcome.None;
        var left = _lifetime - age;
        if (left > (request.MinFresh ?? TimeSpan.Zero))
            return CacheOutcome.Hit;
        return request.MaxStale is { } stale && !_control.MustRevalidate && -left <= stale ? CacheOutcome.Stale : CacheOutcome.None;
    }

    /// <summary>Whether it may stand in for an answer that failed (RFC 5861, section 4).</summary>
    public bool MayReplaceFailure(CacheControl request, DateTimeOffset now) =>
        !_control.MustRevalidate && !request.NoCache && (request.StaleIfError ?? _control.StaleIfError) is { } allowed && Age(now) - _lifetime <= allowed;

    /// <summary>This answer with the fields of a 304 over it (section 3.2).</summary>
    public CacheEntry Refreshed(CacheRecord confirmation)
    {
        var kept = new List<string>();
        for (var i = 0; i < Record.Fields.Length; i += 2)
        {
            // A 304 speaks of the answer, never of how long or how coded the body is that it does not have.
            if (CacheRecord.IsAboutBody(Record.Fields[i]) || confirmation.Field(Record.Fields[i]) is null)
                kept.AddRange([Record.Fields[i], Record.Fields[i + 1]]);
        }
        for (var i = 0; i < confirmation.Fields.Length; i += 2)
        {
            if (!CacheRecord.IsAboutBody(confirmation.Fields[i]))
                kept.AddRange([confirmation.Fields[i], confirmation.Fields[i + 1]]);
        }
        return new CacheEntry(Record with { Fields = [.. kept], RequestedAt = confirmation.RequestedAt, ReceivedAt = confirmation.ReceivedAt }, Body);
    }

    public HttpResponseMessage ToMessage(WireRequest request, DateTimeOffset now)
    {
        var message = new HttpResponseMessage((HttpStatusCode)Record.Status)
        {
            ReasonPhrase = Record.Reason,
            Version = HttpVersion.Version11,
            RequestMessage = request,
            Content = new ReadOnlyMemoryContent(Body),
        };
        for (var i = 0; i < Record.Fields.Length; i += 2)
        {
            var (name, value) = (Record.Fields[i], Record.Fields[i + 1]);
            if (!name.Equals("Age", StringComparison.OrdinalIgnoreCase) && !message.Headers.TryAddWithoutValidation(name, value))
                message.Content.Headers.TryAddWithoutValidation(name, value);
        }
        message.Headers.TryAddWithoutValidation("Age", ((long)Age(now).TotalSeconds).ToString(CultureInfo.InvariantCulture));
        return message;
    }

    private TimeSpan Age(DateTimeOffset now) => Freshness.Age(_received, _date, Record.RequestedAt, Record.ReceivedAt, now);

    private string? Field(string name) => Record.Field(name);
}
