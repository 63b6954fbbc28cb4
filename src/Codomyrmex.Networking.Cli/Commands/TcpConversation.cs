using System.Text;
using Codomyrmex.Networking.Cli.Parsing;
using Codomyrmex.Networking.Cli.Rendering;
using Codomyrmex.Networking.Resilience;
using Codomyrmex.Networking.Sockets;
using Codomyrmex.Networking.Transport;

namespace Codomyrmex.Networking.Cli.Commands;

/// <summary><c>tcp connect</c>: frames go out and come back over one connection.</summary>
internal sealed class TcpConversation(Invocation run)
{
    private long _frames;
    private long _bytes;

    public async Task<int> RunAsync(string target, CancellationToken cancellationToken)
    {
        var arguments = run.Arguments;
        var count = arguments.Value(TcpOptions.Count, static text => NumberText.Parse(text, 1, int.MaxValue));
        var (endpoint, transport) = ReadTarget(target);
        await using var client = new TCPClient(endpoint.Host, endpoint.Port, ReadOptions(transport));
        run.Progress = () => $"{_frames} frames had arrived";
        var connection = await client.ConnectAsync(cancellationToken);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var sending = SendAsync(connection, endsSide: count is null, cancellationToken);
        var receiving = ReceiveAsync(connection, count, stop.Token);
        if (await Task.WhenAny(sending, receiving) == sending && !sending.IsCompletedSuccessfully)
        {
            // No answer comes to what was never sent; a peer that takes nothing more may have said why.
            if (sending.Exception?.InnerException is not NetworkException)
                await stop.CancelAsync();
            await receiving.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
        // Standard input may be waited for to no end; what went wrong with what was to be sent is told.
        if (sending.IsCompleted)
            await sending;
        await receiving;
        if (count is not null && _frames < count)
            throw Short(endpoint, count.Value);
        FrameDocument.WriteEnd(run, _bytes, endpoint.ToString());
        return ExitCodes.Done;
    }

    private async Task ReceiveAsync(TCPConnection connection, int? count, CancellationToken cancellationToken)
    {
        while ((count is null || _frames < count) && await connection.TryReceiveAsync(cancellationToken) is { } frame)
        {
            _frames++;
            _bytes += frame.Length;
            FrameDocument.Write(run, frame.Span, connection.ToString());
        }
    }

    private TCPClientOptions ReadOptions(TransportOptions transport)
    {
        var arguments = run.Arguments;
        var wait = arguments.Value(TcpOptions.IdleTimeout, DurationText.Parse) ?? Timeout.InfiniteTimeSpan;
        return new TCPClientOptions
        {
            Framing = TcpCommand.ReadFraming(arguments),
            MaxFrameBytes = TcpCommand.ReadMaxFrame(arguments),
            UseTls = arguments.Has(TcpOptions.Tls),
            Protocols = arguments.All(TcpOptions.Alpn),
            Transport = transport,
            Retry = RetryOptions.None,
            Reconnect = false,
            Timeouts = Timeouts.Default with
            {
                Connect = arguments.Value(ConnectionOptions.ConnectTimeout, DurationText.Parse) ?? Timeouts.Default.Connect,
                FirstByte = wait,
                Total = Timeout.InfiniteTimeSpan,
            },
        };
    }

    private (Endpoint Endpoint, TransportOptions Transport) ReadTarget(string target)
    {
        var transport = TransportSettings.Read(run);
        if (target.StartsWith("unix:", StringComparison.Ordinal) && target.Length > 5)
            return (new Endpoint("localhost", 1), transport with { UnixSocketPath = target[5..] });
        return (TcpCommand.Target(target, AddressText.ParseEndpoint), transport);
    }

    private async Task SendAsync(TCPConnection connection, bool endsSide, CancellationToken cancellationToken)
    {
        var texts = run.Arguments.All(TcpOptions.Send);
        foreach (var text in texts)
            await SendAsync(connection, Encoding.UTF8.GetBytes(text), cancellationToken);
        if (texts.Count == 0)
            await SendInputAsync(connection, cancellationToken);
        if (endsSide)
            await connection.EndSendingAsync(cancellationToken);
    }

    private async Task SendInputAsync(TCPConnection connection, CancellationToken cancellationToken)
    {
        // The terminal is read on a thread of its own, since reading it cannot be cancelled.
        await using var input = run.Context.OpenInput();
        if (connection.Framing == Framing.Raw)
        {
            var buffer = new byte[16 * 1024];
            while (await Task.Run(() => input.ReadAsync(buffer, cancellationToken).AsTask(), cancellationToken) is > 0 and var count)
                await connection.SendAsync(buffer.AsMemory(0, count), cancellationToken);
            return;
        }
        using var reader = new StreamReader(input, new UTF8Encoding(false), leaveOpen: true);
        while (await Task.Run(() => reader.ReadLineAsync(cancellationToken).AsTask(), cancellationToken) is { } line)
            await SendAsync(connection, Encoding.UTF8.GetBytes(line), cancellationToken);
    }

    private static async Task SendAsync(TCPConnection connection, byte[] frame, CancellationToken cancellationToken)
    {
        try
        {
            await connection.SendAsync(frame, cancellationToken);
        }
        catch (ArgumentException wrong)
        {
            throw new UsageException($"{TcpOptions.Framing.Name} {connection.Framing}: {RequestReader.WithoutParameter(wrong)}", TcpOptions.Framing.Name, wrong);
        }
    }

    private NetworkException Short(Endpoint endpoint, int count) => new NetworkFailure
    {
        Code = ErrorCodes.TcpClosedEarly,
        Message = $"{endpoint} ended the connection after {_frames} of {count} frames.",
        Phase = NetworkPhase.Receive,
        Endpoint = endpoint,
        WasSent = WasSent.Maybe,
    }.ToException();
}
