using System.Text;
using Codomyrmex.Networking.Execution.Internal;
using Codomyrmex.Networking.Resilience.Internal;
using Codomyrmex.Networking.Sockets.Internal;
using Codomyrmex.Networking.Transport.Internal;

namespace Codomyrmex.Networking.Sockets;

/// <summary>
/// A TCP client: one connection to one endpoint, made when it is first needed, and made again when it was lost. Thread-safe as
/// <see cref="TCPConnection"/> is: any number of senders, one receiver.
/// </summary>
/// <remarks>
/// Every connection is dialled as all clients here do: egress policy on the name and on each address, Happy Eyeballs, proxies, TLS. A failure is told
/// once, to the call that it happened to; the next call connects again, unless <see cref="TCPClientOptions.Reconnect"/> is off. After a send that failed, a
/// receive gives out first what had arrived before; another send connects again and gives that up.
/// </remarks>
public sealed class TCPClient : IAsyncDisposable
{
    private readonly Dialer _dialer;
    private readonly RetryBudget _budget;
    private readonly ConnectionLimits _limits;
    private readonly SemaphoreSlim _connecting = new(1);
    private readonly SemaphoreSlim _requests = new(1);
    private TCPConnection? _connection;
    private bool _isDisposed;

    /// <summary>Makes a client; nothing is connected yet.</summary>
    /// <param name="host">Host name or address.</param>
    /// <param name="port">Port, 1 to 65535.</param>
    /// <param name="options">Its settings; null for the defaults.</param>
    /// <exception cref="ArgumentException">A setting is wrong; its name is in the message.</exception>
    public TCPClient(string host, int port, TCPClientOptions? options = null)
    {
        HostArgument.Demand(host, nameof(host));
        ArgumentOutOfRangeException.ThrowIfLessThan(port, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(port, 65535);
        Options = options ?? TCPClientOptions.Default;
        Options.Validate();
        Endpoint = new Endpoint(host, port);
        _dialer = new Dialer(Options.Transport, Options.Clock);
        _budget = new RetryBudget(Options.Retry);
        _limits = new ConnectionLimits
        {
            FrameBytes = Options.MaxFrameBytes,
            FirstByte = Options.Timeouts.FirstByte,
            FirstByteCode = ErrorCodes.TimeoutFirstByte,
            Idle = Options.Timeouts.Idle,
            Total = Options.Timeouts.Total,
            Write = Options.Timeouts.Idle,
        };
    }

    /// <summary>Whom it talks to.</summary>
    public Endpoint Endpoint { get; }

    /// <summary>Its settings.</summary>
    public TCPClientOptions Options { get; }

    /// <summary>The connection that is open; null where there is none now.</summary>
    public TCPConnection? Connection => Volatile.Read(ref _connection) is { IsOpen: true } open ? open : null;

    /// <summary>Makes a client and connects it.</summary>
    /// <param name="host">Host name or address.</param>
    /// <param name="port">Port, 1 to 65535.</param>
    /// <param name="options">Its settings; null for the defaults.</param>
    /// <param name="cancellationToken">Cancels the call.</param>
    /// <exception cref="NetworkException">No connection could be made; says why, with every address tried.</exception>
    public static async Task<TCPClient> ConnectAsync(string host, int port, TCPClientOptions? options = null, CancellationToken cancellationToken = default)
    {
        var client = new TCPClient(host, port, options);
        await client.ConnectAsync(cancellationToken).ConfigureAwait(false);
        return client;
    }

    /// <summary>Connects, where that is not done yet: what every other call does unasked.</summary>
    /// <param name="cancellationToken">Cancels the call.</param>
    /// <returns>The connection, for what can be done with one.</returns>
    /// <exception cref="NetworkException">No connection could be made; says why, with every address tried.</exception>
    public ValueTask<TCPConnection> ConnectAsync(CancellationToken cancellationToken = default)
    {
        ObjectDisposedException.ThrowIf(_isDisposed, this);
        return Volatile.Read(ref _connection) is { IsUsable: true } connected ? new(connected) : OpenAsync(cancellationToken);
    }

    /// <summary>Sends one frame, with everything gathered before it.</summary>
    /// <inheritdoc cref="TCPConnection.SendAsync(ReadOnlyMemory{byte}, CancellationToken)"/>
    public ValueTask SendAsync(ReadOnlyMemory<byte> frame, CancellationToken cancellationToken = default) => SendAsync(frame, nameof(frame), cancellationToken);

    /// <summary>Sends one frame of text in UTF-8.</summary>
    /// <inheritdoc cref="TCPConnection.SendAsync(string, CancellationToken)"/>
    public ValueTask SendAsync(string text, CancellationToken cancellationToken = default) =>
        SendAsync(Encoding.UTF8.GetBytes(text ?? throw new ArgumentNullException(nameof(text))), nameof(text), cancellationToken);

    /// <summary>Receives the next frame.</summary>
    /// <inheritdoc cref="TCPConnection.ReceiveAsync"/>
    public async ValueTask<ReadOnlyMemory<byte>> ReceiveAsync(CancellationToken cancellationToken = default) =>
        await (await ReadableAsync(cancellationToken).ConfigureAwait(false)).ReceiveAsync(cancellationToken).ConfigureAwait(false);

    /// <summary>Receives the next frame; null where the peer has ended its side, or the client is disposed meanwhile.</summary>
    /// <inheritdoc cref="TCPConnection.TryReceiveAsync"/>
    public async ValueTask<ReadOnlyMemory<byte>?> TryReceiveAsync(CancellationToken cancellationToken = default) =>
        await (await ReadableAsync(cancellationToken).ConfigureAwait(false)).TryReceiveAsync(cancellationToken).ConfigureAwait(false);

    /// <summary>Receives frames until the peer ends its side, or the client is disposed.</summary>
    /// <inheritdoc cref="TCPConnection.ReceiveAllAsync"/>
    public async IAsyncEnumerable<ReadOnlyMemory<byte>> ReceiveAllAsync([System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        var connection = await ReadableAsync(cancellationToken).ConfigureAwait(false);
        await foreach (var frame in connection.ReceiveAllAsync(cancellationToken).ConfigureAwait(false))
            yield return frame;
    }

    /// <summary>
    /// Sends a frame and receives the next one as its answer, one request at a time: calls made meanwhile wait for their turn. Not to be mixed with
    /// other receives. A call that fails or is cancelled before its answer came breaks the connection, so that no answer reaches the wrong caller. An answer
    /// that came before the peer had taken the whole request is an answer.
    /// </summary>
    /// <param name="frame">The request's payload.</param>
    /// <param name="cancellationToken">Cancels the call.</param>
    /// <returns>The answer's payload, a copy of the caller's own.</returns>
    /// <inheritdoc cref="TCPConnection.ReceiveAsync" path="/exception"/>
    public async Task<byte[]> RequestAsync(ReadOnlyMemory<byte> frame, CancellationToken cancellationToken = default)
    {
        await _requests.WaitAsync(cancellationToken).ConfigureAwait(false);
        TCPConnection? connection = null;
        var isAnswered = false;
        try
        {
            connection = await ConnectAsync(cancellationToken).ConfigureAwait(false);
            try
            {
                await connection.SendAsync(frame, cancellationToken).ConfigureAwait(false);
            }
            catch (NetworkException error) when (error.WasSent != WasSent.Never && connection.MayHear)
            {
                // The peer may have said why it takes no more. If not, the receive says the same.
            }
            var answer = (await connection.ReceiveAsync(cancellationToken).ConfigureAwait(false)).ToArray();
            isAnswered = true;
            return answer;
        }
        finally
        {
            if (!isAnswered)
                connection?.Abort();
            _requests.Release();
        }
    }

    /// <summary>Ends this side; the peer may go on sending.</summary>
    /// <inheritdoc cref="TCPConnection.EndSendingAsync"/>
    public async ValueTask EndSendingAsync(CancellationToken cancellationToken = default)
    {
        var connection = Volatile.Read(ref _connection) ?? await ConnectAsync(cancellationToken).ConfigureAwait(false);
        await connection.EndSendingAsync(cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Ends the connection in an orderly way.</summary>
    public async ValueTask DisposeAsync()
    {
        _isDisposed = true;
        if (Interlocked.Exchange(ref _connection, null) is { } connection)
            await connection.DisposeAsync().ConfigureAwait(false);
    }

    // The parameter is what the caller calls the frame.
    private ValueTask SendAsync(ReadOnlyMemory<byte> frame, string parameter, CancellationToken cancellationToken)
    {
        var connecting = ConnectAsync(cancellationToken);
        return connecting.IsCompletedSuccessfully ? connecting.Result.SendAsync(frame, parameter, cancellationToken) : SendWhenOpenAsync(connecting, frame, parameter, cancellationToken);
    }

    private async ValueTask SendWhenOpenAsync(ValueTask<TCPConnection> connecting, ReadOnlyMemory<byte> frame, string parameter, CancellationToken cancellationToken) =>
        await (await connecting.ConfigureAwait(false)).SendAsync(frame, parameter, cancellationToken).ConfigureAwait(false);

    // What lies in the buffer of an ended connection is still to be had, and so is the news of its end.
    private ValueTask<TCPConnection> ReadableAsync(CancellationToken cancellationToken)
    {
        ObjectDisposedException.ThrowIf(_isDisposed, this);
        return Volatile.Read(ref _connection) is { HasNews: true } connection ? new(connection) : OpenAsync(cancellationToken);
    }

    private async ValueTask<TCPConnection> OpenAsync(CancellationToken cancellationToken)
    {
        await _connecting.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            ObjectDisposedException.ThrowIf(_isDisposed, this);
            if (_connection is { } before)
            {
                if (before.IsUsable || !Options.Reconnect)
                    return before;
                await before.DisposeAsync().ConfigureAwait(false);
            }
            var startedAt = Options.Clock.GetTimestamp();
            var exchange = new ConnectExchange(_dialer, Endpoint, Options, _limits, _budget)
            {
                StartedAt = startedAt,
                EndsAt = Deadline.After(Options.Timeouts.Total, Options.Clock, startedAt).EndOn(Options.Clock),
            };
            var connection = await Operation.RunAsync(exchange, cancellationToken).ConfigureAwait(false);
            // A full fence: whoever disposes sees it, or is seen here.
            Interlocked.Exchange(ref _connection, connection);
            if (_isDisposed)
            {
                await DisposeAsync().ConfigureAwait(false);
                throw new ObjectDisposedException(nameof(TCPClient));
            }
            return connection;
        }
        finally
        {
            _connecting.Release();
        }
    }
}
