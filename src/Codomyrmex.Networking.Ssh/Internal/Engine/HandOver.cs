using System.Net;
using System.Net.Sockets;
using System.Text;
using Codomyrmex.Networking.Transport.Internal;
using Renci.SshNet;

namespace Codomyrmex.Networking.Ssh.Internal.Engine;

/// <summary>
/// Brings a connection that the dialer made to an engine that insists on connecting by itself: it connects to a port of the loopback interface, where
/// this waits for exactly that socket. The two identifications pass through here; then a connection that is a plain socket takes the place of the engine's own,
/// and one that is not (TLS to a proxy, a tunnel) is copied to and from it for as long as it lives.
/// </summary>
internal sealed class HandOver : IAsyncDisposable
{
    private const int LongestIdentification = 255; // RFC 4253, section 4.2
    private const int LongestPreamble = 64 * 1024;
    private const int PumpBuffer = 128 * 1024;

    private readonly DialedStream _dialed;
    private readonly Endpoint _endpoint;
    private readonly Socket _listener = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
    private readonly CancellationTokenSource _stop = new();
    private readonly MemoryStream _preamble = new();
    private Socket? _own;
    private volatile bool _isIdentified;
    private Task _pumps = Task.CompletedTask;

    public HandOver(DialedStream dialed, Endpoint endpoint)
    {
        (_dialed, _endpoint) = (dialed, endpoint);
        _listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        _listener.Listen(4);
    }

    /// <summary>What broke the dialled connection, where it says so itself (a budget, another connection beneath it); the engine only sees that it is gone.</summary>
    public NetworkException? Broken { get; private set; }

    public int Port => ((IPEndPoint)_listener.LocalEndPoint!).Port;

    /// <summary>Lets the identifications pass, the client's first. Ends the listening.</summary>
    public async Task GreetAsync(Session session, CancellationToken cancellationToken)
    {
        Socket? own = null;
        try
        {
            (own, var identification) = await AcceptOwnAsync(session, cancellationToken).ConfigureAwait(false);
            await _dialed.WriteAsync(identification, cancellationToken).ConfigureAwait(false);
            _listener.Dispose();
            _own = own;
            own.NoDelay = true;
            await SendAsync(own, await ReadPreambleAsync(cancellationToken).ConfigureAwait(false), cancellationToken).ConfigureAwait(false);
        }
        catch when (own is not null)
        {
            // The engine waits for a line that will not come.
            own.Dispose();
            throw;
        }
    }

    /// <summary>The identifications have passed: from here on the engine works on the dialled connection. Called on the engine's way, before it sends anything else.</summary>
    public void Complete(Session session)
    {
        if (_dialed.Inner is NetworkStream { Socket: var socket })
        {
            var before = EngineAccess.SocketOf(session);
            EngineAccess.SocketOf(session) = socket;
            before?.Dispose();
            _own?.Dispose();
            return;
        }
        _pumps = Task.WhenAll(PumpOutAsync(_own!), PumpInAsync(_own!));
    }

    /// <summary>Makes whatever waits for the connection fail. Safe from any thread.</summary>
    public void BreakOff(Session session)
    {
        _listener.Dispose();
        _own?.Dispose();
        EngineAccess.SocketOf(session)?.Dispose();
        _dialed.Dispose();
    }

    public async ValueTask DisposeAsync()
    {
        _listener.Dispose();
        await _stop.CancelAsync().ConfigureAwait(false);
        _own?.Dispose();
        await _dialed.DisposeAsync().ConfigureAwait(false);
        await _pumps.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _stop.Dispose();
    }

    /// <summary>What to say of a side that speaks something else than SSH; null where that is not certain.</summary>
    /// <param name="hadTime">Whether it had as long as an identification may take.</param>
    /// <param name="inner">What came of it here.</param>
    public NetworkException? Stranger(bool hadTime, Exception? inner = null)
    {
        if (_isIdentified || _preamble.Length == 0)
            return null;
        var sent = _preamble.GetBuffer().AsSpan(0, (int)_preamble.Length);
        var speaks = sent.StartsWith("HTTP/"u8) ? "HTTP" : sent is [0x15 or 0x16, 3, ..] ? "TLS" : null; // RFC 8446, section 5.1: an alert or a handshake, and the version
        // Whoever hangs up after a few words may have been a server of SSH that is busy.
        if (speaks is null && !hadTime)
            return null;
        return Failure(ErrorCodes.SshProtocol, $"{_endpoint} does not speak SSH{(speaks is null ? $": it sent '{FirstLine()}'" : $", but {speaks}")}.", "Check the port: SSH is mostly spoken at 22.", inner);
    }

    /// <summary>The engine's own socket and its identification. Whoever else is on this machine may connect here too; that he says nothing, or hangs up, holds nobody up.</summary>
    private async Task<(Socket Own, byte[] Identification)> AcceptOwnAsync(Session session, CancellationToken cancellationToken)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var accepting = _listener.AcceptAsync(stop.Token).AsTask();
        var callers = new List<Task<(Socket, byte[])?>>();
        try
        {
            while (true)
            {
                var next = await Task.WhenAny([accepting, .. callers]).ConfigureAwait(false);
                if (next == accepting)
                {
                    callers.Add(IdentifyAsync(await accepting.ConfigureAwait(false), session, stop.Token));
                    accepting = _listener.AcceptAsync(stop.Token).AsTask();
                    continue;
                }
                var caller = (Task<(Socket, byte[])?>)next;
                callers.Remove(caller);
                if (await caller.ConfigureAwait(false) is { } own)
                    return own;
            }
        }
        finally
        {
            await stop.CancelAsync().ConfigureAwait(false);
            _ = accepting.ContinueWith(static late => { if (late.IsCompletedSuccessfully) late.Result.Dispose(); else _ = late.Exception; }, TaskScheduler.Default);
        }
    }

    /// <summary>A caller that turns out to be the engine, with its identification; null for anybody else, who is hung up on.</summary>
    private static async Task<(Socket, byte[])?> IdentifyAsync(Socket accepted, Session session, CancellationToken cancellationToken)
    {
        try
        {
            // Only the engine's own socket has this address at its other end; that it has one is certain once it has spoken.
            if (IsEngine(accepted, session) != false && await ReadLineAsync(accepted, cancellationToken).ConfigureAwait(false) is { } identification && IsEngine(accepted, session) == true)
                return (accepted, identification);
        }
        catch (Exception left) when (left is SocketException or OperationCanceledException or ObjectDisposedException)
        {
        }
        accepted.Dispose();
        return null;
    }

    private static bool? IsEngine(Socket accepted, Session session) => EngineAccess.SocketOf(session) is { } engine ? IsOtherEnd(accepted, engine) : null;

    // Byte by byte, since what follows belongs to the engine. Lines may stand before the identification (RFC 4253, section 4.2).
    private async Task<byte[]> ReadPreambleAsync(CancellationToken cancellationToken)
    {
        var lineStart = 0;
        var one = new byte[1];
        while (_preamble.Length < LongestPreamble)
        {
            if (await _dialed.ReadAsync(one, cancellationToken).ConfigureAwait(false) == 0)
                throw Stranger(hadTime: false) ?? HungUp();
            _preamble.WriteByte(one[0]);
            if (one[0] != '\n')
                continue;
            var line = _preamble.GetBuffer().AsSpan(lineStart, (int)_preamble.Length - lineStart);
            if (line.StartsWith("SSH-"u8))
            {
                _isIdentified = true;
                return _preamble.ToArray();
            }
            // A server of HTTP may keep the connection, and say nothing more.
            if (lineStart == 0 && Stranger(hadTime: false) is { } stranger)
                throw stranger;
            lineStart = (int)_preamble.Length;
        }
        throw Stranger(hadTime: true)!;
    }

    // OpenSSH says in a line why it turns somebody away: 'Exceeded MaxStartups', 'Not allowed at this time'.
    private NetworkException HungUp() => Failure(
        ErrorCodes.SshDisconnected,
        $"{_endpoint} closed the connection before it identified itself{(_preamble.Length == 0 ? "" : $"; it sent '{FirstLine()}'")}.",
        "It may be no SSH server, or one that turns connections away for a while (OpenSSH: MaxStartups, PerSourcePenalties).");

    private string FirstLine()
    {
        var sent = _preamble.GetBuffer().AsSpan(0, (int)Math.Min(_preamble.Length, 200));
        return Printable.Text(Encoding.UTF8.GetString(sent.IndexOfAny((byte)'\r', (byte)'\n') is >= 0 and var end ? sent[..end] : sent), 80);
    }

    // The engine's socket speaks both families, and writes addresses of the old one as those of the new.
    private static bool IsOtherEnd(Socket accepted, Socket engine) =>
        (accepted.RemoteEndPoint, engine.LocalEndPoint) is (IPEndPoint remote, IPEndPoint local) && remote.Port == local.Port && remote.Address.Equals(local.Address.MapToIPv4());

    private static async Task<byte[]?> ReadLineAsync(Socket socket, CancellationToken cancellationToken)
    {
        var line = new byte[LongestIdentification + 2];
        for (var length = 0; length < line.Length; length++)
        {
            if (await socket.ReceiveAsync(line.AsMemory(length, 1), cancellationToken).ConfigureAwait(false) == 0)
                return null;
            if (line[length] == '\n')
                return line[..(length + 1)];
        }
        return null;
    }

    private async Task PumpOutAsync(Socket own)
    {
        var buffer = new byte[PumpBuffer];
        try
        {
            while (await own.ReceiveAsync(buffer, _stop.Token).ConfigureAwait(false) is > 0 and var count)
                await _dialed.WriteAsync(buffer.AsMemory(0, count), _stop.Token).ConfigureAwait(false);
        }
        catch (NetworkException error)
        {
            Broken ??= error;
        }
        finally
        {
            await _dialed.DisposeAsync().ConfigureAwait(false);
        }
    }

    private async Task PumpInAsync(Socket own)
    {
        var buffer = new byte[PumpBuffer];
        try
        {
            while (await _dialed.ReadAsync(buffer, _stop.Token).ConfigureAwait(false) is > 0 and var count)
                await SendAsync(own, buffer.AsMemory(0, count), _stop.Token).ConfigureAwait(false);
        }
        catch (NetworkException error)
        {
            Broken ??= error;
        }
        finally
        {
            own.Dispose();
        }
    }

    private static async Task SendAsync(Socket socket, ReadOnlyMemory<byte> bytes, CancellationToken cancellationToken)
    {
        while (!bytes.IsEmpty)
            bytes = bytes[await socket.SendAsync(bytes, cancellationToken).ConfigureAwait(false)..];
    }

    private NetworkException Failure(string code, string message, string hint, Exception? inner = null) => new NetworkFailure
    {
        Code = code,
        Message = message,
        Hint = hint,
        Phase = NetworkPhase.Handshake,
        Endpoint = _endpoint,
    }.ToException(inner);
}
