using System.Runtime.CompilerServices;
using Codomyrmex.Networking.Http.Internal;
using Codomyrmex.Networking.Http.Protocol;

namespace Codomyrmex.Networking.Http;

/// <summary>
/// Requests that must have their effect once, whatever happens to this process: each is on the disk before it is sent, stays there until the server has answered, and is sent again after a crash with the
/// same <c>Idempotency-Key</c>. With a server that honours the key (draft-ietf-httpapi-idempotency-key-header) that makes exactly one effect. Thread-safe; one process has the file at a time.
/// </summary>
/// <remarks>
/// The file holds method, URL, fields and body of what waits, for its owner alone, and no secret: credentials are the client's, and a request that carries one is refused. Of a request's options the fields,
/// the query and the key are kept; all others are the client's. Order is kept for each origin.
/// </remarks>
public sealed class Outbox : IDisposable
{
    private readonly HTTPClient _client;
    private readonly OutboxOptions _options;
    private readonly OutboxJournal _journal;
    private readonly Lock _lock = new();
    private readonly HashSet<string> _underWay = new(StringComparer.Ordinal);
    private bool _isDisposed;

    private Outbox(HTTPClient client, OutboxOptions options, OutboxJournal journal) => (_client, _options, _journal) = (client, options, journal);

    /// <summary>How many requests wait.</summary>
    public int Count
    {
        get
        {
            lock (_lock)
                return _journal.Count;
        }
    }

    /// <summary>The requests that wait, the oldest first.</summary>
    public IReadOnlyList<OutboxEntry> Entries
    {
        get
        {
            lock (_lock)
                return [.. _journal.Waiting.Select(EntryOf)];
        }
    }

    /// <summary>Opens an outbox; what an earlier process left in it waits there. Nothing is sent yet: see <see cref="DeliverAsync"/>.</summary>
    /// <param name="path">The file; made where there is none, with an empty one beside it (<c>.lock</c>) that says who has it.</param>
    /// <param name="client">Who sends the requests; not disposed with the outbox.</param>
    /// <param name="options">How much it holds; null for the defaults.</param>
    /// <exception cref="NetworkException">The file cannot be used: another process has it, or it is damaged (<c>outbox.journal</c>).</exception>
    public static Outbox Open(string path, HTTPClient client, OutboxOptions? options = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        ArgumentNullException.ThrowIfNull(client);
        options ??= OutboxOptions.Default;
        options.Validate();
        return new Outbox(client, options, OutboxJournal.Open(path, options.MaxBytes));
    }

    /// <summary>Puts a request in; it is on the disk when this returns, and is sent with the next <see cref="DeliverAsync"/>.</summary>
    /// <param name="request">The request. It gets a random <c>Idempotency-Key</c> unless it has one.</param>
    /// <param name="cancellationToken">Cancels reading the body.</param>
    /// <returns>What waits now.</returns>
    /// <exception cref="ArgumentException">The request carries a secret, which would be written down, or a key that waits already.</exception>
    /// <exception cref="NetworkException">The box is full (<c>outbox.full</c>), or the file cannot be written (<c>outbox.journal</c>). Nothing was sent.</exception>
    public async Task<OutboxEntry> AddAsync(Request request, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(request);
        return EntryOf(await PutAsync(request, takes: false, cancellationToken).ConfigureAwait(false));
    }

    /// <summary>Puts a request in and sends it at once.</summary>
    /// <param name="request">The request.</param>
    /// <param name="cancellationToken">Cancels the call; what is in the box stays there.</param>
    /// <returns>The answer. Where it is none that is final (408, 409, 425, 429, 5xx) the request waits in the box.</returns>
    /// <exception cref="NetworkException">There was no answer: the request waits in the box. Or it could not be put in (<c>outbox.full</c>, <c>outbox.journal</c>).</exception>
    /// <inheritdoc cref="AddAsync"/>
    public async Task<Response> SendAsync(Request request, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(request);
        var record = await PutAsync(request, takes: true, cancellationToken).ConfigureAwait(false);
        var delivery = await DeliverOneAsync(record, cancellationToken).ConfigureAwait(false);
        if (delivery.Error is { } error)
            System.Runtime.ExceptionServices.ExceptionDispatchInfo.Throw(error);
        return delivery.Response!;
    }

    /// <summary>Sends what waits, the oldest first. Where an origin gives no final answer, what else waits for it stays for the next time, so that order is kept.</summary>
    /// <param name="cancellationToken">Cancels the sending; what is in the box stays there.</param>
    /// <returns>What became of each request that was sent or had expired.</returns>
    public async IAsyncEnumerable<OutboxDelivery> DeliverAsync([EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        OutboxRecord[] waiting;
        lock (_lock)
            waiting = [.. _journal.Waiting];
        var stuck = new HashSet<string>(StringComparer.Ordinal);
        foreach (var record in waiting)
        {
            var origin = OriginOf(record);
            if (stuck.Contains(origin))
                continue;
            if (!TryTake(record.Key, out var isElsewhere))
            {
                // What is being sent already comes before what else waits for its origin.
                if (isElsewhere)
                    stuck.Add(origin);
                continue;
            }
            var delivery = await DeliverOneAsync(record, cancellationToken).ConfigureAwait(false);
            if (delivery.Outcome == OutboxOutcome.Waiting)
                stuck.Add(origin);
            yield return delivery;
        }
    }

    /// <summary>Closes the file. What waits stays in it.</summary>
    public void Dispose()
    {
        lock (_lock)
        {
            _isDisposed = true;
            _journal.Dispose();
        }
    }

    private static OutboxEntry EntryOf(OutboxRecord record) => new(record.Key, record.Method!, record.Url, record.AddedAt);

    private async Task<OutboxRecord> PutAsync(Request request, bool takes, CancellationToken cancellationToken)
    {
        CheckSecrets(request);
        var options = request.Options;
        var record = new OutboxRecord(options.IdempotencyKey ?? options.Headers?["Idempotency-Key"] ?? Guid.NewGuid().ToString(), request.Method)
        {
            Url = UrlOf(request),
            AddedAt = _client.Options.Clock.GetUtcNow(),
            Headers = [.. (options.Headers ?? []).Where(static field => !field.Key.Equals("Idempotency-Key", StringComparison.OrdinalIgnoreCase))],
            Body = await BodyOfAsync(request, cancellationToken).ConfigureAwait(false),
            ContentType = request.Body?.ContentType,
            ContentEncoding = request.Body?.ContentEncoding,
        };
        // What could never be sent would stand before all that can.
        FieldRules.CheckMethod(request.Method);
        _ = RequestUrl.Resolve(record.Url, Base, _client.Options.AllowOtherOrigins);
        var line = record.ToLine();
        lock (_lock)
        {
            ObjectDisposedException.ThrowIf(_isDisposed, this);
            if (_journal.Has(record.Key))
                throw new ArgumentException($"A request with the key '{record.Key}' waits already.", nameof(request));
            if (_journal.Count >= _options.MaxEntries || _journal.WaitingBytes + line.Length > _options.MaxBytes)
                throw Full();
            _journal.Add(record, line);
            if (takes)
                _underWay.Add(record.Key);
        }
        return record;
    }

    private bool TryTake(string key, out bool isElsewhere)
    {
        lock (_lock)
        {
            var waits = !_isDisposed && _journal.Has(key);
            var taken = waits && _underWay.Add(key);
            isElsewhere = waits && !taken;
            return taken;
        }
    }

    private async Task<OutboxDelivery> DeliverOneAsync(OutboxRecord record, CancellationToken cancellationToken)
    {
        var entry = EntryOf(record);
        try
        {
            if (_client.Options.Clock.GetUtcNow() - record.AddedAt > _options.MaxAge)
                return Left(new OutboxDelivery(entry, OutboxOutcome.Expired));
            var response = await _client.SendAsync(RequestOf(record), cancellationToken).ConfigureAwait(false);
            var outcome = response.IsSuccess ? OutboxOutcome.Delivered
                : response.Status is 408 or 409 or 425 or 429 or (>= 500 and not (501 or 505)) ? OutboxOutcome.Waiting
                : OutboxOutcome.Rejected;
            var delivery = new OutboxDelivery(entry, outcome) { Response = response };
            return outcome == OutboxOutcome.Waiting ? delivery : Left(delivery);
        }
        catch (NetworkException error)
        {
            return new OutboxDelivery(entry, OutboxOutcome.Waiting) { Error = error };
        }
        catch (ArgumentException wrong)
        {
            // Another client put it in, with another base address; this one goes on with the rest.
            var failure = new NetworkFailure { Code = ErrorCodes.OutboxJournal, Message = $"The request cannot be sent by this client: {wrong.Message}", Phase = NetworkPhase.Prepare };
            return new OutboxDelivery(entry, OutboxOutcome.Waiting) { Error = failure.ToException(wrong) };
        }
        finally
        {
            lock (_lock)
                _underWay.Remove(record.Key);
        }
    }

    private OutboxDelivery Left(OutboxDelivery delivery)
    {
        lock (_lock)
        {
            if (!_isDisposed)
                _journal.Remove(delivery.Entry.Key);
        }
        return delivery;
    }

    private static Request RequestOf(OutboxRecord record) => new(record.Method!, record.Url)
    {
        Body = record.Body is { } bytes ? new KeptBody(bytes, record.ContentType, record.ContentEncoding) : null,
        Options = new RequestOptions { Headers = new HeaderMap(record.Headers), IdempotencyKey = record.Key },
    };

    private string UrlOf(Request request)
    {
        if (request.Options.Query.Count == 0)
            return request.Url;
        var query = string.Join('&', request.Options.Query.Select(static pair => $"{Uri.EscapeDataString(pair.Key)}={Uri.EscapeDataString(pair.Value)}"));
        var (url, fragment) = request.Url.Split('#', 2) is [var front, var back] ? (front, "#" + back) : (request.Url, "");
        return $"{url}{(url.Contains('?', StringComparison.Ordinal) ? '&' : '?')}{query}{fragment}";
    }

    private async Task<byte[]?> BodyOfAsync(Request request, CancellationToken cancellationToken)
    {
        if (request.Body is not { } body)
            return null;
        using var bytes = new BoundedCopy(_options.MaxBytes, Full);
        await body.WriteAsync(bytes, cancellationToken).ConfigureAwait(false);
        return bytes.ToArray();
    }

    private Uri? Base => _client.Options.BaseUrl is { } url ? new Uri(url) : null;

    private string OriginOf(OutboxRecord record) => RequestUrl.Read(record.Url, Base, out _) is { } url ? RequestUrl.Origin(url) : record.Url;

    private static void CheckSecrets(Request request)
    {
        var secret = request.Options.Credential is not null ? "a credential (RequestOptions.Credential)"
            : request.Options.Headers?.FirstOrDefault(static field => Redactor.IsSecretHeader(field.Key)).Key is { } header ? $"the field {header}"
            : Redactor.Redact(UrlWithQuery(request)) != UrlWithQuery(request) ? "a secret in its URL"
            : null;
        if (secret is not null)
            throw new ArgumentException($"The request carries {secret}, which the outbox would write onto the disk; give it to the client.", nameof(request));
    }

    private static string UrlWithQuery(Request request) => request.Url + string.Concat(request.Options.Query.Select(static pair => $"&{pair.Key}={pair.Value}"));

    private NetworkException Full() => new NetworkFailure
    {
        Code = ErrorCodes.OutboxFull,
        Message = $"The outbox is full: {_options.MaxEntries} requests and {_options.MaxBytes} bytes may wait (OutboxOptions).",
    }.ToException();
}
