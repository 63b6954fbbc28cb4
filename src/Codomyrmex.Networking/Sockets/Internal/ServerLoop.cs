using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using Codomyrmex.Networking.Diagnostics.Internal;
using Codomyrmex.Networking.Sockets.Protocol;
using Codomyrmex.Networking.Transport;
using Codomyrmex.Networking.Transport.Internal;

namespace Codomyrmex.Networking.Sockets.Internal;

/// <summary>What a server does: accepts, lets in or turns away, shakes hands, serves, and comes to an end.</summary>
internal sealed class ServerLoop
{
    // As long as a descriptor may take to come back where none of ours does.
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(100);

    private readonly TCPServerOptions _options;
    private readonly PeerGate _gate;
    private readonly TlsAcceptor? _tls;
    private readonly ConnectionLimits _limits;
    private readonly CancellationTokenSource _stopAccepting = new();
    private readonly CancellationTokenSource _draining = new();
    private readonly CancellationTokenSource _stopping = new();
    private readonly Lock _lock = new();
    private readonly HashSet<TCPConnection> _connections = [];
    private readonly TaskCompletionSource _isEmpty = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private TaskCompletionSource? _descriptorFreed;
    private int _serving;
    private long _accepted;
    private long _refused;
    private long _handshakesFailed;
    private long _failed;

    public ServerLoop(TCPServerOptions options)
    {
        _options = options;
        _gate = new PeerGate(options);
        _tls = options.Tls is { } tls ? new TlsAcceptor(tls) : null;
        var limits = options.Limits;
        _limits = new ConnectionLimits
        {
            FrameBytes = limits.FrameBytes,
            FirstByte = limits.Idle,
            FirstByteCode = ErrorCodes.TimeoutIdle,
            Idle = limits.Read,
            Total = Timeout.InfiniteTimeSpan,
            Write = limits.Write,
            MinimumRate = limits.MinimumRate,
            RateGrace = limits.RateGrace,
        };
    }

    public Func<TCPConnection, CancellationToken, Task> Handler { get; set; } = static (_, _) => Task.CompletedTask;

    /// <summary>Told when no connection will follow.</summary>
    public Action? Stopped { get; set; }

    public bool IsStopping => _stopAccepting.IsCancellationRequested;

    public IReadOnlyList<TCPConnection> Connections
    {
        get
        {
            lock (_lock)
                return [.. _connections];
        }
    }

    public TCPServerStatistics Statistics => new(_gate.Open, Interlocked.Read(ref _accepted), Interlocked.Read(ref _refused),
        Interlocked.Read(ref _handshakesFailed), Interlocked.Read(ref _failed));

    public async Task AcceptAsync(Listener listener)
    {
        while (!IsStopping)
        {
            try
            {
                var end = await listener.AcceptAsync(_stopAccepting.Token).ConfigureAwait(false);
                Serve(end, Plain(end.Remote));
            }
            catch (ConnectionException error)
            {
                if (_options.Logger is { } logger)
                    NetworkLog.NotAccepted(logger, listener.EndPoint, error.Code, error.Message);
                if (error.Code == ErrorCodes.LocalDescriptors)
                    await WaitForDescriptorAsync().ConfigureAwait(false);
            }
            catch (Exception error) when (error is OperationCanceledException or ObjectDisposedException)
            {
                return;
            }
        }
    }

    /// <summary>Takes a connection over.</summary>
    public void Serve(WireEnd end, EndPoint? remote)
    {
        Interlocked.Increment(ref _accepted);
        if (!_gate.TryEnter())
        {
            Refuse(end, remote, "connections");
            return;
        }
        Interlocked.Increment(ref _serving);
        // Not on the thread that accepts: a handler may compute before it waits.
        end.Begin(static state =>
        {
            var (loop, end, remote) = ((ServerLoop, WireEnd, EndPoint?))state!;
            _ = loop.ServeAsync(end, remote);
        }, (this, end, remote));
    }

    public void StopAccepting()
    {
        _stopAccepting.Cancel();
        Stopped?.Invoke();
    }

    /// <summary>Waits for what is being served, then breaks it off.</summary>
    public async Task<int> StopAsync(TimeSpan drain, CancellationToken cancellationToken)
    {
        await _draining.CancelAsync().ConfigureAwait(false);
        if (Volatile.Read(ref _serving) == 0)
            _isEmpty.TrySetResult();
        if (drain > TimeSpan.Zero)
        {
            try
            {
                await _isEmpty.Task.WaitAsync(drain, _options.Clock, cancellationToken).ConfigureAwait(false);
                return 0;
            }
            catch (Exception error) when (error is TimeoutException or OperationCanceledException)
            {
                // They had their time.
            }
        }
        var left = Volatile.Read(ref _serving);
        await _stopping.CancelAsync().ConfigureAwait(false);
        foreach (var connection in Connections)
        {
            if (connection.IsLingering)
                left--;
            else
                connection.Abort();
        }
        // A handler that heeds neither its token nor its connection is left behind.
        await Task.WhenAny(_isEmpty.Task, Task.Delay(TimeSpan.FromSeconds(5), CancellationToken.None)).ConfigureAwait(false);
        return left;
    }

    private async Task ServeAsync(WireEnd end, EndPoint? remote)
    {
        var startedAt = _options.Clock.GetTimestamp();
        EndPoint? proxy = null;
        var isIn = false;
        TCPConnection? connection = null;
        Exception? failure = null;
        try
        {
            if (_gate.IsTrustedProxy(remote))
                (proxy, remote) = (remote, await InTimeAsync(end.Stream, remote, startedAt, ReadProxyHeaderAsync).ConfigureAwait(false) ?? remote);
            // Before TLS, which costs far more than a refusal.
            if (!(isIn = _gate.TryEnter(remote)))
            {
                Refuse(end, remote, "address");
                return;
            }
            (Stream Stream, TlsFacts? Tls) link = _tls is null ? (end.Stream, null)
                : await InTimeAsync(end.Stream, remote, startedAt, _tls.AcceptAsync).ConfigureAwait(false);
            connection = new TCPConnection(endpoint: null, link.Stream, end, _options.Framing, _limits, _options.Clock)
            {
                RemoteEndPoint = remote,
                ProxyEndPoint = proxy,
                Tls = link.Tls,
                Leaving = _stopAccepting.Token,
                Draining = _draining.Token,
                Stopping = _stopping.Token,
            };
            Add(connection);
            await Handler(connection, _stopping.Token).ConfigureAwait(false);
        }
        catch (Exception error)
        {
            failure = error;
            if (connection is null)
            {
                Interlocked.Increment(ref _handshakesFailed);
                end.Abort();
            }
            else if (error is not OperationCanceledException || !_stopping.IsCancellationRequested)
            {
                Interlocked.Increment(ref _failed);
                connection.Abort();
            }
        }
        finally
        {
            if (connection is not null)
            {
                await connection.DisposeAsync().ConfigureAwait(false);
                Remove(connection);
            }
            if (isIn)
                _gate.Leave(remote);
            _gate.Leave();
            Volatile.Read(ref _descriptorFreed)?.TrySetResult();
            Report(remote, failure, connection, startedAt);
            if (Interlocked.Decrement(ref _serving) == 0 && IsStopping)
                _isEmpty.TrySetResult();
        }
    }

    /// <summary>A part of the handshake, within what is left of the time for all of it.</summary>
    private async Task<T> InTimeAsync<T>(Stream stream, EndPoint? remote, long startedAt, Func<Stream, Endpoint, CancellationToken, Task<T>> part)
    {
        var peer = TCPConnection.NameOf(remote);
        var limit = _options.Limits.Handshake;
        var left = limit == Timeout.InfiniteTimeSpan ? limit : TimeSpan.FromTicks(Math.Max(0, (limit - _options.Clock.GetElapsedTime(startedAt)).Ticks));
        using var timer = new CancellationTokenSource(left, _options.Clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(timer.Token, _stopping.Token);
        try
        {
            return await part(stream, peer, either.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (timer.IsCancellationRequested)
        {
            throw new NetworkFailure
            {
                Code = ErrorCodes.TimeoutTls,
                Message = $"The handshake with {peer} took longer than {TCPConnection.Seconds(limit)} (TCPServerLimits.Handshake).",
                Phase = NetworkPhase.Handshake,
                Endpoint = peer,
            }.ToException();
        }
        catch (Exception error) when (error is IOException or SocketException)
        {
            throw new NetworkFailure
            {
                Code = ErrorMap.Code(error, inBody: false),
                Message = $"{peer} broke the connection in the handshake.",
                Phase = NetworkPhase.Handshake,
                Endpoint = peer,
            }.ToException(error);
        }
    }

    private static async Task<IPEndPoint?> ReadProxyHeaderAsync(Stream stream, Endpoint peer, CancellationToken cancellationToken)
    {
        var header = new byte[ProxyHeader.MaxBytes];
        var count = 0;
        try
        {
            while (ProxyHeader.Missing(header.AsSpan(0, count)) is var missing and > 0)
            {
                await stream.ReadExactlyAsync(header.AsMemory(count, missing), cancellationToken).ConfigureAwait(false);
                count += missing;
            }
            return ProxyHeader.Read(header.AsSpan(0, count));
        }
        catch (FormatException error)
        {
            throw new NetworkFailure
            {
                Code = ErrorCodes.ProxyProtocol,
                Message = $"The proxy {peer} did not say for whom it connects: {error.Message}.",
                Phase = NetworkPhase.Handshake,
                Endpoint = peer,
            }.ToException(error);
        }
    }

    private void Add(TCPConnection connection)
    {
        lock (_lock)
            _connections.Add(connection);
        if (Instruments.ServerConnections.Enabled)
            Instruments.ServerConnections.Add(1);
    }

    private void Remove(TCPConnection connection)
    {
        lock (_lock)
            _connections.Remove(connection);
        if (Instruments.ServerConnections.Enabled)
            Instruments.ServerConnections.Add(-1);
    }

    private void Refuse(WireEnd end, EndPoint? remote, string reason)
    {
        Interlocked.Increment(ref _refused);
        end.Abort();
        if (Instruments.RefusedConnections.Enabled)
            Instruments.RefusedConnections.Add(1, new KeyValuePair<string, object?>("reason", reason));
        if (_options.Logger is { } logger)
            NetworkLog.Refused(logger, TCPConnection.NameOf(remote), reason);
    }

    private void Report(EndPoint? remote, Exception? failure, TCPConnection? connection, long startedAt)
    {
        var code = failure switch
        {
            null => null,
            NetworkException known => known.Code,
            OperationCanceledException => Diagnostics.NetworkTelemetry.Cancelled,
            _ => failure.GetType().FullName,
        };
        if (Instruments.ServerConnectionDuration.Enabled)
        {
            TagList tags = code is null ? [] : [new("error.type", code)];
            Instruments.ServerConnectionDuration.Record(_options.Clock.GetElapsedTime(startedAt).TotalSeconds, tags);
        }
        if (failure is null || _options.Logger is not { } logger)
            return;
        if (failure is NetworkException or OperationCanceledException)
            NetworkLog.ConnectionFailed(logger, TCPConnection.NameOf(remote), code!, failure.Message);
        else
            NetworkLog.HandlerFailed(logger, failure, connection?.Endpoint ?? TCPConnection.NameOf(remote));
    }

    private async Task WaitForDescriptorAsync()
    {
        var freed = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        Volatile.Write(ref _descriptorFreed, freed);
        await Task.WhenAny(freed.Task, Task.Delay(Pause, _stopAccepting.Token)).ConfigureAwait(false);
        Volatile.Write(ref _descriptorFreed, null);
    }

    // A socket for both families writes an IPv4 address as an IPv6 one (RFC 4291, section 2.5.5.2).
    private static EndPoint? Plain(EndPoint? remote) =>
        remote is IPEndPoint { Address.IsIPv4MappedToIPv6: true } mapped ? new IPEndPoint(mapped.Address.MapToIPv4(), mapped.Port) : remote;
}
