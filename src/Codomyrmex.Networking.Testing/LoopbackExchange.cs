using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Codomyrmex.Networking.Testing.Internal;

namespace Codomyrmex.Networking.Testing;

/// <summary>One request and the answer to it, as a handler of <see cref="LoopbackServer"/> sees them. For one handler only; not thread-safe.</summary>
public sealed class LoopbackExchange
{
    private readonly HttpConnection _connection;
    private readonly RequestHead _head;
    private readonly RequestBody _body;
    private readonly bool _isVersion10;
    private ResponseBody? _answer;
    private X509Certificate2? _clientCertificate;

    internal LoopbackExchange(HttpConnection connection, RequestHead head, RequestBody body, bool keepAlive, bool isVersion10)
    {
        _connection = connection;
        _head = head;
        _body = body;
        _isVersion10 = isVersion10;
        KeepAlive = keepAlive;
    }

    /// <summary>The method.</summary>
    public string Method => _head.Method;

    /// <summary>The target as it was sent.</summary>
    public string Target => _head.Target;

    /// <summary>The path as it was sent, escapes included, without the query.</summary>
    public string Path => _head.Path;

    /// <summary>The query, decoded.</summary>
    public LoopbackFields Query => _head.Query;

    /// <summary>The header fields.</summary>
    public LoopbackFields Headers => _head.Headers;

    /// <summary>
    /// The body as it arrives; read it asynchronously. The first read sends 100 (Continue) to a client that waits for it. What a handler
    /// leaves is read and dropped. A malformed chunk makes the read throw, and the server answers 400.
    /// </summary>
    public Stream Body => _body;

    /// <summary>The certificate that the client presented, or null.</summary>
    public X509Certificate2? ClientCertificate => _clientCertificate ??= _connection.Tls?.RemoteCertificate is { } certificate
        ? certificate as X509Certificate2 ?? X509CertificateLoader.LoadCertificate(certificate.GetRawCertData())
        : null;

    /// <summary>The client's port, or 0 over a Unix-domain socket.</summary>
    public int RemotePort => (_connection.Socket.RemoteEndPoint as IPEndPoint)?.Port ?? 0;

    /// <summary>Which connection it came over, counted from 1 since the server's start.</summary>
    public int ConnectionNumber => _connection.Number;

    /// <summary>The server.</summary>
    public LoopbackServer Server => _connection.Server;

    /// <summary>Fires when the server stops.</summary>
    public CancellationToken Aborted => _connection.Stopping;

    /// <summary>Whether the connection stays open after the answer. Set it to false before answering to close it.</summary>
    public bool KeepAlive { get; set; }

    /// <summary>Whether the final answer has begun.</summary>
    public bool HasStarted { get; private set; }

    internal bool IsAborted { get; private set; }

    internal Dictionary<string, string>? RouteValues { get; set; }

    /// <summary>What is to go wrong with the answer.</summary>
    internal Fault? Fault { get; init; }

    /// <summary>The decoded value of a place <c>{name}</c> of the path.</summary>
    /// <param name="name">The name within the braces.</param>
    /// <exception cref="KeyNotFoundException">The path has no such place.</exception>
    public string RouteValue(string name) =>
        RouteValues is { } values && values.TryGetValue(name, out var value) ? value : throw new KeyNotFoundException($"The path has no place '{name}'.");

    /// <summary>Reads the whole body.</summary>
    /// <param name="limit">The most bytes taken; a longer body is answered with 413.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public async Task<byte[]> ReadBodyAsync(int limit = 16 << 20, CancellationToken cancellationToken = default)
    {
        using var all = new MemoryStream();
        var buffer = new byte[8192];
        int read;
        while ((read = await _body.ReadAsync(buffer, cancellationToken).ConfigureAwait(false)) > 0)
        {
            if (all.Length + read > limit)
                throw new BadRequestException(413, "The body is too large.");
            all.Write(buffer, 0, read);
        }
        return all.ToArray();
    }

    /// <summary>Answers with a body of bytes.</summary>
    /// <param name="status">The status, 200 to 999.</param>
    /// <param name="body">The body; not sent to HEAD, nor with 204 and 304.</param>
    /// <param name="contentType">The media type; null sends none.</param>
    /// <param name="headers">More header fields.</param>
    /// <param name="cancellationToken">Gives up; the connection is then closed.</param>
    public async Task RespondAsync(
        int status, ReadOnlyMemory<byte> body, string? contentType = null, IEnumerable<KeyValuePair<string, string>>? headers = null,
        CancellationToken cancellationToken = default)
    {
        await SufferAsync().ConfigureAwait(false);
        await BeginAsync(status, contentType, headers, body.Length, cancellationToken).ConfigureAwait(false);
        await _answer!.WriteAsync(body, cancellationToken).ConfigureAwait(false);
        await _answer.EndAsync().ConfigureAwait(false);
    }

    /// <summary>Answers with text in UTF-8, or with no body.</summary>
    /// <param name="status">The status, 200 to 999.</param>
    /// <param name="body">The text.</param>
    /// <param name="contentType">The media type.</param>
    /// <param name="headers">More header fields.</param>
    /// <param name="cancellationToken">Gives up; the connection is then closed.</param>
    public Task RespondAsync(
        int status, string body = "", string contentType = "text/plain; charset=utf-8",
        IEnumerable<KeyValuePair<string, string>>? headers = null, CancellationToken cancellationToken = default) =>
        RespondAsync(status, Encoding.UTF8.GetBytes(body), body.Length == 0 ? null : contentType, headers, cancellationToken);

    /// <summary>Sends the head of an answer and gives the stream for its body; each write is sent at once. Dispose of it, or return, to end the body.</summary>
    /// <param name="status">The status, 200 to 999.</param>
    /// <param name="headers">The header fields.</param>
    /// <param name="length">The exact length; null sends chunks. Returning with less breaks the connection off.</param>
    /// <param name="cancellationToken">Gives up; the connection is then closed.</param>
    public async Task<Stream> StartAsync(
        int status, IEnumerable<KeyValuePair<string, string>>? headers = null, long? length = null, CancellationToken cancellationToken = default)
    {
        await SufferAsync().ConfigureAwait(false);
        await BeginAsync(status, null, headers, length, cancellationToken).ConfigureAwait(false);
        await _connection.Io.FlushAsync(cancellationToken).ConfigureAwait(false);
        return _answer!;
    }

    /// <summary>Sends an interim answer such as 103 (Early Hints).</summary>
    /// <param name="status">The status, 102 to 199.</param>
    /// <param name="headers">The header fields.</param>
    /// <param name="cancellationToken">Gives up; the connection is then closed.</param>
    public async Task SendInterimAsync(
        int status, IEnumerable<KeyValuePair<string, string>>? headers = null, CancellationToken cancellationToken = default)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(status, 102);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(status, 199);
        await _connection.Io.WriteAsync(HeadText(status, headers).Append("\r\n").ToString(), cancellationToken).ConfigureAwait(false);
        await _connection.Io.FlushAsync(cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Answers 101 and hands the connection over; it closes when the handler returns.</summary>
    /// <param name="protocol">The value of Upgrade.</param>
    /// <param name="headers">More header fields.</param>
    /// <param name="cancellationToken">Gives up; the connection is then closed.</param>
    /// <returns>The bytes in both directions from here on.</returns>
    public async Task<Stream> UpgradeAsync(
        string protocol, IEnumerable<KeyValuePair<string, string>>? headers = null, CancellationToken cancellationToken = default)
    {
        await SufferAsync().ConfigureAwait(false);
        Start();
        KeepAlive = false;
        var text = HeadText(101, headers).Append(FieldText.Checked("Upgrade", protocol)).Append("\r\nConnection: Upgrade\r\n\r\n");
        await _connection.Io.WriteAsync(text.ToString(), cancellationToken).ConfigureAwait(false);
        await _connection.Io.FlushAsync(cancellationToken).ConfigureAwait(false);
        return new UpgradedStream(_connection.Io);
    }

    /// <summary>Says nothing more and keeps the connection open until the client gives up or the server stops, then breaks it off.</summary>
    public async Task StallAsync()
    {
        HasStarted = true;
        await _connection.Io.FlushAsync(Aborted).ConfigureAwait(false);
        await SocketEnd.SwallowAsync(_connection.Socket, Aborted).ConfigureAwait(false);
        Abort();
    }

    /// <summary>
    /// Done when the client has ended its side of the connection, or broken it off: whoever works on a long answer may stop. The body must have been read. A client that sends its next
    /// request meanwhile is taken to stay.
    /// </summary>
    /// <param name="cancellationToken">Gives up waiting.</param>
    public async Task WaitForLeaveAsync(CancellationToken cancellationToken)
    {
        try
        {
            if (_connection.Io.Unread.IsEmpty && await _connection.Socket.ReceiveAsync(new byte[1], SocketFlags.Peek, cancellationToken).ConfigureAwait(false) == 0)
                return;
        }
        catch (SocketException)
        {
            return;
        }
        await Task.Delay(Timeout.Infinite, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Breaks the connection off, in the middle of whatever it carries.</summary>
    /// <param name="reset">Whether with a reset (RST) instead of an ordinary end.</param>
    public void Abort(bool reset = false)
    {
        HasStarted = IsAborted = true;
        _connection.Io.Break();
        if (reset && _connection.Socket.ProtocolType == ProtocolType.Tcp)
            _connection.Socket.LingerState = new LingerOption(true, 0);
        _connection.Socket.Close();
    }

    /// <summary>Ends the answer after the handler returned.</summary>
    internal async ValueTask CompleteAsync()
    {
        if (IsAborted || _answer is null)
            return;
        if (_answer.IsShort)
            Abort();
        else
            await _answer.EndAsync().ConfigureAwait(false);
    }

    /// <summary>Lets a fault happen that comes before the answer.</summary>
    private Task SufferAsync() => Fault is { After: null, Kind: not FaultKind.Corrupt } fault ? _connection.PlayAsync(fault) : Task.CompletedTask;

    private static StringBuilder HeadText(int status, IEnumerable<KeyValuePair<string, string>>? headers)
    {
        var text = new StringBuilder(256);
        text.Append(CultureInfo.InvariantCulture, $"HTTP/1.1 {status} {StatusText.Of(status)}\r\n");
        foreach (var (name, value) in headers ?? [])
            text.Append(FieldText.Checked(name, value)).Append("\r\n");
        return text;
    }

    private void Start()
    {
        if (HasStarted)
            throw new InvalidOperationException("The answer has begun already.");
        HasStarted = true;
        if (!_body.IsUnasked)
            return;
        // The client may send the body all the same, or not: only closing tells (RFC 9110, section 10.1.1).
        _body.Decline();
        KeepAlive = false;
    }

    private ValueTask BeginAsync(
        int status, string? contentType, IEnumerable<KeyValuePair<string, string>>? headers, long? length, CancellationToken cancellationToken)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(status, 200);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(status, 999);
        var text = HeadText(status, headers);
        Start();
        if (Fault is { After: null, Kind: FaultKind.Corrupt })
            text[0] = (char)(text[0] ^ 0xFF);
        var framing = length is not null ? ResponseFraming.Length : _isVersion10 ? ResponseFraming.Close : ResponseFraming.Chunked;
        if (contentType is not null)
            text.Append(FieldText.Checked("Content-Type", contentType)).Append("\r\n");
        if (StatusText.IsBodiless(status))
            framing = ResponseFraming.None;
        else if (framing == ResponseFraming.Length)
            text.Append(CultureInfo.InvariantCulture, $"Content-Length: {length}\r\n");
        else if (framing == ResponseFraming.Chunked)
            text.Append("Transfer-Encoding: chunked\r\n");
        if (framing == ResponseFraming.Close)
            KeepAlive = false;
        if (!KeepAlive)
            text.Append("Connection: close\r\n");
        Span<byte> date = stackalloc byte[DateHeader.Length];
        Server.Date.CopyTo(date);
        text.Append("Date: ").Append(Encoding.ASCII.GetString(date)).Append("\r\n\r\n");
        _answer = new ResponseBody(_connection, Method == "HEAD" ? ResponseFraming.None : framing, length ?? 0, Fault is { After: not null } ? Fault : null);
        return _connection.Io.WriteAsync(text.ToString(), cancellationToken);
    }
}
