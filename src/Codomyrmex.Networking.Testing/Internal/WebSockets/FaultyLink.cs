using System.Net.Security;
using System.Net.Sockets;

namespace Codomyrmex.Networking.Testing.Internal.WebSockets;

/// <summary>
/// The bytes of a connection in both directions, with the faults that the connection was given, each played at its point. Writers may be concurrent:
/// what one writes stays together.
/// </summary>
internal sealed class FaultyLink(Socket socket, Stream stream, IReadOnlyList<WebSocketFault> faults, TimeProvider clock, CancellationToken stopping)
{
    private readonly SemaphoreSlim _writing = new(1, 1);
    private readonly List<WebSocketFault> _ahead = [.. faults.Where(static fault => fault.Kind < WebSocketFaultKind.Dribble)];
    private readonly WebSocketFault? _dribble = Behaviour(faults, WebSocketFaultKind.Dribble);
    private readonly WebSocketFault? _slow = Behaviour(faults, WebSocketFaultKind.ReadSlowly);
    private readonly TaskCompletionSource _halted = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private long _sentBytes;
    private int _sent, _received;
    private bool _counts, _stallsWriting, _stallsReading, _ended;

    public bool IgnoresPings { get; } = Behaviour(faults, WebSocketFaultKind.IgnorePings) is not null;

    public bool IgnoresClose { get; } = Behaviour(faults, WebSocketFaultKind.IgnoreClose) is not null;

    /// <summary>Whether a fault sent a close frame of its own, behind which nothing may follow.</summary>
    public bool HasClosed { get; private set; }

    public async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken)
    {
        if (_slow is not null)
        {
            await Task.Delay(_slow.Pause, clock, cancellationToken).ConfigureAwait(false);
            buffer = buffer[..Math.Min(buffer.Length, _slow.Count)];
        }
        await HaltAsync(_stallsReading, cancellationToken).ConfigureAwait(false);
        return await stream.ReadAsync(buffer, cancellationToken).ConfigureAwait(false);
    }

    public async ValueTask WriteAsync(ReadOnlyMemory<byte> bytes, CancellationToken cancellationToken)
    {
        await _writing.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            while (_counts && Next(fault => fault.AfterBytes is { } point && point >= _sentBytes && point < _sentBytes + bytes.Length) is { } fault)
            {
                var before = (int)(fault.AfterBytes!.Value - _sentBytes);
                await PutAsync(bytes[..before], cancellationToken).ConfigureAwait(false);
                bytes = bytes[before..];
                await PlayAsync(fault, cancellationToken).ConfigureAwait(false);
            }
            await PutAsync(bytes, cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            _writing.Release();
        }
    }

    /// <summary>Plays what happens before the handshake is answered.</summary>
    public ValueTask BeginAsync(CancellationToken cancellationToken) => PlayAllAsync(static fault => fault.AtHandshake, cancellationToken);

    /// <summary>Plays what happens right behind the handshake; from here on bytes and messages count.</summary>
    public ValueTask OpenAsync(CancellationToken cancellationToken)
    {
        _counts = true;
        return PlayAllAsync(static fault => fault.AfterBytes is null && fault.AfterSent is null && fault.AfterReceived is null, cancellationToken);
    }

    public ValueTask CountSentAsync(CancellationToken cancellationToken)
    {
        var count = Interlocked.Increment(ref _sent);
        return PlayAllAsync(fault => fault.AfterSent == count, cancellationToken);
    }

    public ValueTask CountReceivedAsync(CancellationToken cancellationToken)
    {
        var count = Interlocked.Increment(ref _received);
        return PlayAllAsync(fault => fault.AfterReceived == count, cancellationToken);
    }

    /// <summary>Breaks the connection off with a reset.</summary>
    public void Reset()
    {
        if (socket.ProtocolType == ProtocolType.Tcp)
            socket.LingerState = new LingerOption(true, 0);
        socket.Close();
    }

    /// <summary>Ends our side: what was sent arrives, TLS says goodbye.</summary>
    public async ValueTask EndAsync()
    {
        if (_ended)
            return;
        _ended = true;
        try
        {
            if (stream is SslStream tls)
                await tls.ShutdownAsync().ConfigureAwait(false);
            socket.Shutdown(SocketShutdown.Send);
        }
        catch (Exception error) when (error is IOException or SocketException or ObjectDisposedException or InvalidOperationException)
        {
            // The peer is gone already.
        }
    }

    private static WebSocketFault? Behaviour(IReadOnlyList<WebSocketFault> faults, WebSocketFaultKind kind) => faults.FirstOrDefault(fault => fault.Kind == kind);

    private WebSocketFault? Next(Func<WebSocketFault, bool> isDue)
    {
        lock (_ahead)
        {
            var found = _ahead.Find(fault => isDue(fault));
            if (found is not null)
                _ahead.Remove(found);
            return found;
        }
    }

    private async ValueTask PlayAllAsync(Func<WebSocketFault, bool> isDue, CancellationToken cancellationToken)
    {
        while (Next(isDue) is { } fault)
        {
            await _writing.WaitAsync(cancellationToken).ConfigureAwait(false);
            try
            {
                await PlayAsync(fault, cancellationToken).ConfigureAwait(false);
            }
            finally
            {
                _writing.Release();
            }
        }
    }

    /// <summary>Does what a fault says. Throws where the connection does not go on after it.</summary>
    private async ValueTask PlayAsync(WebSocketFault fault, CancellationToken cancellationToken)
    {
        switch (fault.Kind)
        {
            case WebSocketFaultKind.Reset:
                Reset();
                throw new IOException("The server broke the connection off, as it was told to.");
            case WebSocketFaultKind.End:
                await EndAsync().ConfigureAwait(false);
                await SocketEnd.LingerAsync(socket, stopping).ConfigureAwait(false);
                throw new IOException("The server ended the connection, as it was told to.");
            case WebSocketFaultKind.HalfClose:
                await EndAsync().ConfigureAwait(false);
                break;
            case WebSocketFaultKind.Send:
                await PutAsync(fault.Bytes, cancellationToken).ConfigureAwait(false);
                break;
            case WebSocketFaultKind.Close:
                await PutAsync((byte[])[0x88, (byte)fault.Bytes.Length, .. fault.Bytes.Span], cancellationToken).ConfigureAwait(false);
                HasClosed = true;
                break;
            default:
                _stallsWriting = fault.Kind != WebSocketFaultKind.StallReading;
                _stallsReading = fault.Kind != WebSocketFaultKind.StallWriting;
                break;
        }
    }

    private async ValueTask PutAsync(ReadOnlyMemory<byte> bytes, CancellationToken cancellationToken)
    {
        if (bytes.IsEmpty)
            return;
        if (_stallsWriting && !_stallsReading)
        {
            // Somebody has to see the client's end.
            await SocketEnd.SwallowAsync(socket, cancellationToken).ConfigureAwait(false);
            throw new IOException("The client ended a connection that sent nothing more.");
        }
        await HaltAsync(_stallsWriting, cancellationToken).ConfigureAwait(false);
        if (_counts)
            _sentBytes += bytes.Length;
        if (_ended)
            return;
        while (_dribble is not null && bytes.Length > _dribble.Count)
        {
            await Task.Delay(_dribble.Pause, clock, cancellationToken).ConfigureAwait(false);
            await stream.WriteAsync(bytes[.._dribble.Count], cancellationToken).ConfigureAwait(false);
            await stream.FlushAsync(cancellationToken).ConfigureAwait(false);
            bytes = bytes[_dribble.Count..];
        }
        await stream.WriteAsync(bytes, cancellationToken).ConfigureAwait(false);
        await stream.FlushAsync(cancellationToken).ConfigureAwait(false);
    }

    private Task HaltAsync(bool halts, CancellationToken cancellationToken) => halts ? _halted.Task.WaitAsync(cancellationToken) : Task.CompletedTask;
}
