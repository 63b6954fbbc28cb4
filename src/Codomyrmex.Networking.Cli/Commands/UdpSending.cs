using System.Text;
using Codomyrmex.Networking.Cli.Parsing;
using Codomyrmex.Networking.Cli.Rendering;
using Codomyrmex.Networking.Sockets;

namespace Codomyrmex.Networking.Cli.Commands;

/// <summary><c>udp send</c>: a datagram goes out, and what comes back is shown.</summary>
internal sealed class UdpSending(Invocation run)
{
    private const int MostBytes = 65_527;

    private long _datagrams;
    private long _bytes;

    public async Task<int> RunAsync(string target, CancellationToken cancellationToken)
    {
        var arguments = run.Arguments;
        var endpoint = TcpCommand.Target(target, AddressText.ParseEndpoint);
        var count = UdpCommand.ReadCount(arguments);
        var isExpecting = arguments.Has(UdpOptions.ExpectReply);
        var repetition = ReadRepetition(arguments);
        var data = await ReadDataAsync(cancellationToken);
        var options = UdpCommand.ReadOptions(run);
        // The command's own deadline ends what has no other end.
        var timeouts = options.Timeouts with { FirstByte = Timeout.InfiniteTimeSpan };
        if (arguments.Has(UdpOptions.Timeout))
            timeouts = timeouts with { Total = Timeout.InfiniteTimeSpan };
        await using var client = await UDPClient.ConnectAsync(endpoint.Host, endpoint.Port, options with { Request = repetition, Timeouts = timeouts }, cancellationToken);
        run.Progress = () => $"{_datagrams} datagrams had arrived";
        if (isExpecting)
            Show(await client.RequestAsync(data, UDPCorrelations.Anything, null, cancellationToken));
        else
            await client.SendAsync(data, cancellationToken);
        while (_datagrams < count)
            Show(await client.ReceiveAsync(cancellationToken));
        FrameDocument.WriteEnd(run, _bytes, endpoint.ToString());
        return ExitCodes.Done;
    }

    private void Show(UDPDatagram datagram)
    {
        _datagrams++;
        _bytes += datagram.Data.Length;
        FrameDocument.Write(run, datagram);
    }

    private static UDPRequestOptions ReadRepetition(ParsedArguments arguments)
    {
        var wait = arguments.Value(UdpOptions.Wait, static text => DurationText.Parse(text) is { Ticks: > 0 } time && time <= TimeSpan.FromHours(1) ? time : throw new FormatException("a wait is more than nothing and at most an hour.")) ?? TimeSpan.FromSeconds(1);
        var retries = arguments.Value(UdpOptions.Retry, static text => NumberText.Parse(text, 0, 99)) ?? 3;
        return new UDPRequestOptions { FirstWait = wait, MaxWait = TimeSpan.FromTicks(Math.Max(wait.Ticks, UDPRequestOptions.Default.MaxWait.Ticks)), Transmissions = retries + 1 };
    }

    private async Task<byte[]> ReadDataAsync(CancellationToken cancellationToken)
    {
        var isHex = run.Arguments.Has(UdpOptions.Hex);
        if (run.Arguments.Positionals.Count > 2)
        {
            var text = run.Arguments.Positionals[2];
            return isHex ? ParsedArguments.Checked(UdpOptions.Hex, text, Convert.FromHexString) : Encoding.UTF8.GetBytes(text);
        }
        await using var input = run.Context.OpenInput();
        var buffer = new byte[2 * (MostBytes + 1)];
        // The terminal is read on a thread of its own, since reading it cannot be cancelled.
        var length = await Task.Run(() => input.ReadAtLeastAsync(buffer, buffer.Length, throwOnEndOfStream: false, cancellationToken).AsTask(), cancellationToken);
        if (length > (isHex ? 2 * MostBytes : MostBytes))
            throw new UsageException($"standard input has more than the {MostBytes} bytes of a datagram.", "-");
        return isHex ? ParsedArguments.Checked(UdpOptions.Hex, Encoding.ASCII.GetString(buffer, 0, length).Trim(), Convert.FromHexString) : buffer[..length];
    }
}
