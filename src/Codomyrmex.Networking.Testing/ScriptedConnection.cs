using System.Net;
using System.Net.Sockets;
using System.Text;
using Codomyrmex.Networking.Testing.Internal;

namespace Codomyrmex.Networking.Testing;

/// <summary>One connection of a <see cref="ScriptedServer"/>: what a script can do to its peer. For one script only; not thread-safe.</summary>
public sealed class ScriptedConnection
{
    private readonly Socket _socket;
    private readonly TimeProvider _clock;
    private readonly List<byte> _ahead = [];
    private bool _closed;

    internal ScriptedConnection(Socket socket, int index, TimeProvider clock)
    {
        _socket = socket;
        _clock = clock;
        Index = index;
        RemoteEndPoint = (IPEndPoint)socket.RemoteEndPoint!;
        Stream = new NetworkStream(socket, ownsSocket: false);
    }

    /// <summary>Which connection of the server this is, counted from 0.</summary>
    public int Index { get; }

    /// <summary>The peer's address and port.</summary>
    public IPEndPoint RemoteEndPoint { get; }

    /// <summary>The bytes in both directions, through TLS where it was begun. Bytes that <see cref="ReadRequestAsync"/> read ahead are not in it.</summary>
    public Stream Stream { get; private set; }

    /// <summary>Begins TLS as the server.</summary>
    /// <param name="tls">The certificate and the demands.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="System.Security.Authentication.AuthenticationException">The peer refused, or spoke something else.</exception>
    public Task AuthenticateAsync(LoopbackTlsOptions tls, CancellationToken cancellationToken = default) =>
        AuthenticateAsync(new TlsServer(tls, alpn: false), cancellationToken);

    /// <summary>Reads a request's head up to its empty line, and gives its text; what was read beyond stays for the next read.</summary>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>The head with its empty line; whatever came, perhaps nothing, where the peer ended before.</returns>
    public async Task<string> ReadRequestAsync(CancellationToken cancellationToken = default)
    {
        var searched = 0;
        while (true)
        {
            var end = System.Runtime.InteropServices.CollectionsMarshal.AsSpan(_ahead)[searched..].IndexOf("\r\n\r\n"u8);
            if (end >= 0)
                return Take(searched + end + 4);
            searched = Math.Max(0, _ahead.Count - 3);
            if (!await FillAsync(cancellationToken).ConfigureAwait(false))
                return Take(_ahead.Count);
        }
    }

    /// <summary>Reads exactly this many bytes, or fewer where the peer ended.</summary>
    /// <param name="count">The number.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public async Task<byte[]> ReadBytesAsync(int count, CancellationToken cancellationToken = default)
    {
        while (_ahead.Count < count && await FillAsync(cancellationToken).ConfigureAwait(false))
        {
        }
        var taken = _ahead.Take(count).ToArray();
        _ahead.RemoveRange(0, taken.Length);
        return taken;
    }

    /// <summary>Sends text, in UTF-8.</summary>
    /// <param name="text">The text; lines end as written.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public Task SendAsync(string text, CancellationToken cancellationToken = default) => SendAsync(Encoding.UTF8.GetBytes(text), cancellationToken);

    /// <summary>Sends bytes.</summary>
    /// <param name="bytes">The bytes.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public async Task SendAsync(ReadOnlyMemory<byte> bytes, CancellationToken cancellationToken = default)
    {
        await Stream.WriteAsync(bytes, cancellationToken).ConfigureAwait(false);
        await Stream.FlushAsync(cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Sends a pattern again and again until the peer breaks off.</summary>
    /// <param name="pattern">The pattern.</param>
    /// <param name="cancellationToken">Gives up; the server's end does too.</param>
    /// <returns>How many bytes the system took before the peer broke off.</returns>
    public async Task<long> SendEndlesslyAsync(string pattern, CancellationToken cancellationToken = default)
    {
        var once = Encoding.UTF8.GetBytes(pattern);
        ArgumentOutOfRangeException.ThrowIfZero(once.Length, nameof(pattern));
        var many = new byte[once.Length * Math.Max(1, 16384 / once.Length)];
        for (var i = 0; i < many.Length; i++)
            many[i] = once[i % once.Length];
        long sent = 0;
        try
        {
            while (true)
            {
                await Stream.WriteAsync(many, cancellationToken).ConfigureAwait(false);
                sent += many.Length;
            }
        }
        catch (IOException)
        {
            return sent;
        }
    }

    /// <summary>Sends bytes one at a time, with a pause before each.</summary>
    /// <param name="bytes">The bytes.</param>
    /// <param name="pause">The pause, on the server's clock.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public async Task DripAsync(ReadOnlyMemory<byte> bytes, TimeSpan pause, CancellationToken cancellationToken = default)
    {
        for (var i = 0; i < bytes.Length; i++)
        {
            await Task.Delay(pause, _clock, cancellationToken).ConfigureAwait(false);
            await SendAsync(bytes.Slice(i, 1), cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>Sends nothing and swallows everything until the peer ends or breaks off.</summary>
    /// <param name="cancellationToken">Gives up; the server's end does too.</param>
    public async Task StallAsync(CancellationToken cancellationToken = default)
    {
        var buffer = new byte[4096];
        try
        {
            while (await Stream.ReadAsync(buffer, cancellationToken).ConfigureAwait(false) > 0)
            {
            }
        }
        catch (IOException)
        {
            // Broken off instead of ended: given up all the same.
        }
    }

    /// <summary>Ends our side (FIN) and leaves the peer's open.</summary>
    public void ShutdownSend() => _socket.Shutdown(SocketShutdown.Send);

    /// <summary>Breaks the connection off with a reset (RST).</summary>
    public void Reset()
    {
        _closed = true;
        _socket.LingerState = new LingerOption(true, 0);
        _socket.Close();
    }

    /// <summary>Ends the connection in an orderly way: what was sent arrives, TLS says goodbye.</summary>
    public async Task CloseAsync()
    {
        if (_closed)
            return;
        _closed = true;
        if (Stream is System.Net.Security.SslStream tls)
            await tls.ShutdownAsync().ConfigureAwait(false);
        _socket.Shutdown(SocketShutdown.Send);
        // Closing with unread bytes would reset the connection and could take what was sent with it.
        var buffer = new byte[4096];
        while (_socket.Available > 0)
            await _socket.ReceiveAsync(buffer.AsMemory(), SocketFlags.None).ConfigureAwait(false);
        _socket.Close();
    }

    internal async Task AuthenticateAsync(TlsServer tls, CancellationToken cancellationToken) =>
        Stream = await tls.AuthenticateAsync(_ahead.Count == 0 ? Stream : throw new InvalidOperationException("Bytes were read ahead."), cancellationToken)
            .ConfigureAwait(false);

    internal ValueTask DisposeStreamAsync() => Stream.DisposeAsync();

    private string Take(int count)
    {
        var text = Encoding.Latin1.GetString(System.Runtime.InteropServices.CollectionsMarshal.AsSpan(_ahead)[..count]);
        _ahead.RemoveRange(0, count);
        return text;
    }

    private async Task<bool> FillAsync(CancellationToken cancellationToken)
    {
        var buffer = new byte[8192];
        var read = await Stream.ReadAsync(buffer, cancellationToken).ConfigureAwait(false);
        _ahead.AddRange(buffer.AsSpan(0, read));
        return read > 0;
    }
}
