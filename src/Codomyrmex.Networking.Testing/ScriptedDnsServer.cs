using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using Codomyrmex.Networking.Testing.Internal;

namespace Codomyrmex.Networking.Testing;

/// <summary>
/// A name server on a loopback address, over UDP and TCP on one port, that answers what a delegate says: rebinding, truncation, failures,
/// silence, forged answers. Thread-safe.
/// </summary>
public sealed class ScriptedDnsServer : IAsyncDisposable
{
    private readonly Func<ScriptedDnsQuestion, CancellationToken, ValueTask<ScriptedDnsAnswer>> _script;
    private readonly TimeProvider _clock;
    private readonly Socket _udp;
    private readonly Socket _other;
    private readonly Listener _tcp;
    private readonly Task _receiving;
    private readonly List<ScriptedDnsQuestion> _questions = [];
    private readonly List<Exception> _failures = [];
    private readonly Lock _lock = new();

    private ScriptedDnsServer(Func<ScriptedDnsQuestion, CancellationToken, ValueTask<ScriptedDnsAnswer>> script, ScriptedDnsServerOptions options)
    {
        _script = script;
        _clock = options.TimeProvider;
        (_tcp, _udp) = Bind(options);
        _other = new Socket(options.Address.AddressFamily, SocketType.Dgram, ProtocolType.Udp);
        _other.Bind(new IPEndPoint(options.Address, 0));
        _receiving = Task.Run(ReceiveAsync);
    }

    /// <summary>The address and port to ask.</summary>
    public IPEndPoint EndPoint => _tcp.EndPoint!;

    /// <summary>The port.</summary>
    public int Port => EndPoint.Port;

    /// <summary>The questions so far, in order.</summary>
    public IReadOnlyList<ScriptedDnsQuestion> Questions
    {
        get
        {
            lock (_lock)
                return [.. _questions];
        }
    }

    /// <summary>What the delegate threw; the question then went unanswered.</summary>
    public IReadOnlyList<Exception> Failures
    {
        get
        {
            lock (_lock)
                return [.. _failures];
        }
    }

    /// <summary>Starts a server.</summary>
    /// <param name="script">Gives the answer to a question.</param>
    /// <param name="options">How it listens; by default on 127.0.0.1 and any free port.</param>
    public static ScriptedDnsServer Start(Func<ScriptedDnsQuestion, ScriptedDnsAnswer> script, ScriptedDnsServerOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(script);
        return Start((question, _) => ValueTask.FromResult(script(question)), options);
    }

    /// <summary>Starts a server whose answers may wait for something.</summary>
    /// <param name="script">Gives the answer to a question; the token fires when the server is disposed of.</param>
    /// <param name="options">How it listens; by default on 127.0.0.1 and any free port.</param>
    public static ScriptedDnsServer Start(
        Func<ScriptedDnsQuestion, CancellationToken, ValueTask<ScriptedDnsAnswer>> script, ScriptedDnsServerOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(script);
        return new ScriptedDnsServer(script, options ?? new ScriptedDnsServerOptions());
    }

    /// <summary>Stops answering and closes the sockets.</summary>
    public async ValueTask DisposeAsync()
    {
        await _tcp.DisposeAsync().ConfigureAwait(false);
        await _receiving.ConfigureAwait(false);
        _udp.Dispose();
        _other.Dispose();
    }

    /// <summary>One port for both: a port that TCP got may be taken for UDP, so that it takes a few tries.</summary>
    private (Listener Tcp, Socket Udp) Bind(ScriptedDnsServerOptions options)
    {
        for (var attempt = 0; ; attempt++)
        {
            var tcp = Listener.Start(new IPEndPoint(options.Address, options.Port), ServeAsync);
            var udp = new Socket(options.Address.AddressFamily, SocketType.Dgram, ProtocolType.Udp);
            try
            {
                udp.Bind(tcp.EndPoint!);
                return (tcp, udp);
            }
            catch (SocketException)
            {
                udp.Dispose();
                _ = tcp.DisposeAsync().AsTask();
                if (options.Port != 0 || attempt == 20)
                    throw;
            }
        }
    }

    private async Task ReceiveAsync()
    {
        var buffer = new byte[4096];
        var open = new List<Task>();
        try
        {
            while (true)
            {
                var got = await _udp.ReceiveFromAsync(buffer, SocketFlags.None, new IPEndPoint(EndPoint.Address, 0), _tcp.Stopping).ConfigureAwait(false);
                open.RemoveAll(static task => task.IsCompleted);
                open.Add(AnswerAsync(buffer[..got.ReceivedBytes], got.RemoteEndPoint));
            }
        }
        catch (OperationCanceledException)
        {
            await Task.WhenAll(open).ConfigureAwait(false);
        }
    }

    private async Task AnswerAsync(byte[] query, EndPoint client)
    {
        try
        {
            if (await AskAsync(query, overTcp: false).ConfigureAwait(false) is not { } asked)
                return;
            for (var answer = asked.Answer; answer is not null; answer = answer.Then)
            {
                if (answer.Delay > TimeSpan.Zero)
                    await Task.Delay(answer.Delay, _clock, _tcp.Stopping).ConfigureAwait(false);
                if (!answer.IsSilent)
                {
                    var message = DnsWire.Write(query, asked.End, asked.Type, answer, overTcp: false);
                    await (answer.IsFromOtherPort ? _other : _udp).SendToAsync(message, SocketFlags.None, client, _tcp.Stopping).ConfigureAwait(false);
                }
            }
        }
        catch (Exception error) when (error is SocketException or OperationCanceledException)
        {
            // The client, or the server, is gone.
        }
    }

    private async Task ServeAsync(Socket connection, int number, CancellationToken stopping)
    {
        using var stream = new NetworkStream(connection, ownsSocket: false);
        var length = new byte[2];
        while (await stream.ReadAtLeastAsync(length, 2, throwOnEndOfStream: false, stopping).ConfigureAwait(false) == 2)
        {
            var query = new byte[BinaryPrimitives.ReadUInt16BigEndian(length)];
            await stream.ReadExactlyAsync(query, stopping).ConfigureAwait(false);
            if (await AskAsync(query, overTcp: true).ConfigureAwait(false) is not { } asked)
                return;
            if (asked.Answer.Delay > TimeSpan.Zero)
                await Task.Delay(asked.Answer.Delay, _clock, stopping).ConfigureAwait(false);
            if (asked.Answer.IsSilent)
                return;
            var message = DnsWire.Write(query, asked.End, asked.Type, asked.Answer, overTcp: true);
            BinaryPrimitives.WriteUInt16BigEndian(length, (ushort)message.Length);
            await stream.WriteAsync((byte[])[.. length, .. message], stopping).ConfigureAwait(false);
        }
    }

    private async ValueTask<(ScriptedDnsAnswer Answer, int Type, int End)?> AskAsync(byte[] query, bool overTcp)
    {
        if (!DnsWire.TryReadQuestion(query, out var name, out var type, out var end))
            return null;
        ScriptedDnsQuestion question;
        lock (_lock)
        {
            var before = _questions.Count(asked => asked.Type == type && asked.Name.Equals(name, StringComparison.OrdinalIgnoreCase));
            question = new ScriptedDnsQuestion(name, type, overTcp, before + 1);
            _questions.Add(question);
        }
        try
        {
            return (await _script(question, _tcp.Stopping).ConfigureAwait(false), type, end);
        }
        catch (Exception error) when (error is not OperationCanceledException)
        {
            lock (_lock)
                _failures.Add(error);
            return null;
        }
    }
}
