using System.Text.Json;
using Codomyrmex.Networking.Testing.Internal;

namespace Codomyrmex.Networking.Testing;

/// <summary>
/// Records what a client and its servers say to each other in a file, and plays it back without a network: for <c>HTTPClientOptions.MessageHandler</c>. The file is JSON
/// to be read, compared and kept with the tests. Secrets are masked before they are written. Thread-safe.
/// </summary>
/// <remarks>
/// Played back, a request is answered with the first recorded exchange not yet used that has its method, URL and body; when all have been, with the last one again.
/// What is masked in the file is masked in the request too before they are compared, so no secret is needed to play back.
/// </remarks>
public sealed class Cassette : HttpMessageHandler
{
    private readonly string _path;
    private readonly HttpMessageInvoker? _recorded;
    private readonly CassetteOptions _options;
    private readonly Lock _lock = new();
    private readonly List<CassetteExchange> _exchanges;
    private readonly HashSet<CassetteExchange> _used = [];

    private Cassette(string path, HttpMessageInvoker? recorded, CassetteOptions? options, List<CassetteExchange> exchanges)
    {
        _path = path;
        _recorded = recorded;
        _options = options ?? CassetteOptions.Default;
        _exchanges = exchanges;
    }

    /// <summary>How many exchanges it holds.</summary>
    public int Count
    {
        get
        {
            lock (_lock)
                return _exchanges.Count;
        }
    }

    /// <summary>Starts a recording. It is written by <see cref="SaveAsync"/>, or when the cassette is disposed.</summary>
    /// <param name="path">The file; replaced where it exists.</param>
    /// <param name="source">What sends the requests, such as <c>client.ToMessageHandler()</c>. Not disposed.</param>
    /// <param name="options">What is masked, and how time passes; null for the defaults.</param>
    public static Cassette Record(string path, HttpMessageHandler source, CassetteOptions? options = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        ArgumentNullException.ThrowIfNull(source);
        return new Cassette(path, new HttpMessageInvoker(source, disposeHandler: false), options, []);
    }

    /// <summary>Opens a recording to play it back.</summary>
    /// <param name="path">The file.</param>
    /// <param name="options">What was masked, and how time passes; null for the defaults.</param>
    /// <exception cref="IOException">The file cannot be read.</exception>
    /// <exception cref="FormatException">The file is not a cassette.</exception>
    public static Cassette Replay(string path, CassetteOptions? options = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        try
        {
            var file = JsonSerializer.Deserialize(File.ReadAllBytes(path), CassetteJson.Readable.CassetteFile);
            if (file is not { Version: CassetteFile.Current, Exchanges: { } exchanges } || exchanges.Exists(exchange => !exchange.IsSound))
                throw new FormatException($"{path} is not a cassette of version {CassetteFile.Current}.");
            return new Cassette(path, null, options, exchanges);
        }
        catch (JsonException error)
        {
            throw new FormatException($"{path} is not a cassette: {error.Message}", error);
        }
    }

    /// <summary>Opens an HTTP Archive (HAR 1.2) to play it back: of a browser, a proxy, or of <c>HarRecorder</c>.</summary>
    /// <param name="path">The file.</param>
    /// <param name="options">What is masked before requests are compared, and how time passes; null for the defaults.</param>
    /// <exception cref="IOException">The file cannot be read.</exception>
    /// <exception cref="FormatException">The file is no archive.</exception>
    /// <remarks>
    /// Where the archive does not hold the body of a request, any body is taken; where it does not hold that of an answer, there is none. An entry without an answer is the failure
    /// that its <c>_error</c> names, or a reset.
    /// </remarks>
    public static Cassette ReplayHar(string path, CassetteOptions? options = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        try
        {
            return new Cassette(path, null, options, HarArchive.Read(File.ReadAllBytes(path), options ?? CassetteOptions.Default));
        }
        catch (FormatException error)
        {
            throw new FormatException($"{path} cannot be played: {error.Message}", error);
        }
    }

    /// <summary>Writes what has been recorded so far: beside the file, then in its place. Does nothing while playing back.</summary>
    /// <param name="cancellationToken">Gives up; the file stays as it was.</param>
    public async Task SaveAsync(CancellationToken cancellationToken = default)
    {
        if (_recorded is null)
            return;
        var beside = $"{_path}.{Path.GetRandomFileName()}";
        await File.WriteAllBytesAsync(beside, Bytes(), cancellationToken).ConfigureAwait(false);
        File.Move(beside, _path, overwrite: true);
    }

    /// <inheritdoc/>
    protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken) =>
        _recorded is null ? PlayAsync(request, cancellationToken) : RecordAsync(_recorded, request, cancellationToken);

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        if (disposing && _recorded is not null)
        {
            File.WriteAllBytes(_path, Bytes());
            _recorded.Dispose();
        }
        base.Dispose(disposing);
    }

    private async Task<HttpResponseMessage> RecordAsync(HttpMessageInvoker source, HttpRequestMessage request, CancellationToken cancellationToken)
    {
        var asked = CassetteRequest.Of(await MockRequest.OfAsync(request, cancellationToken).ConfigureAwait(false), _options);
        HttpResponseMessage message;
        try
        {
            message = await source.SendAsync(request, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception error) when (NetworkErrorIn(error) is { } failure)
        {
            Add(new CassetteExchange { Request = asked, Failure = new CassetteFailure(failure.Code, failure.Message) });
            throw;
        }
        var answer = CassetteAnswer.Of(message, _options);
        Add(new CassetteExchange { Request = asked, Answer = answer });
        message.Content = new RecordedContent(message.Content, answer, _options);
        return message;
    }

    private async Task<HttpResponseMessage> PlayAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        var asked = CassetteRequest.Of(await MockRequest.OfAsync(request, cancellationToken).ConfigureAwait(false), _options);
        CassetteExchange? exchange;
        lock (_lock)
        {
            exchange = _exchanges.Find(candidate => candidate.Request.Is(asked) && !_used.Contains(candidate)) ?? _exchanges.FindLast(candidate => candidate.Request.Is(asked));
            if (exchange is not null)
                _used.Add(exchange);
        }
        if (exchange is null)
            throw new InvalidOperationException($"{_path} has no answer to {asked.Method} {asked.Url} with such a body; record it again.");
        if (exchange.Failure is { } failure)
            throw new NetworkFailure { Code = failure.Code, Message = failure.Message }.ToException();
        return exchange.Answer!.ToMessage(request, _options);
    }

    private void Add(CassetteExchange exchange)
    {
        lock (_lock)
            _exchanges.Add(exchange);
    }

    private byte[] Bytes()
    {
        lock (_lock)
            return JsonSerializer.SerializeToUtf8Bytes(new CassetteFile { Exchanges = _exchanges }, CassetteJson.Readable.CassetteFile);
    }

    private static NetworkException? NetworkErrorIn(Exception? error)
    {
        while (error is not null and not NetworkException)
            error = error.InnerException;
        return error as NetworkException;
    }
}
