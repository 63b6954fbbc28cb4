using Codomyrmex.Networking.Cli.Parsing;
using Codomyrmex.Networking.Cli.Rendering;
using Codomyrmex.Networking.Sockets;

namespace Codomyrmex.Networking.Cli.Commands;

/// <summary><c>udp send</c> and <c>udp listen</c>: single datagrams.</summary>
internal static class UdpCommand
{
    public static Command Make() => new("udp", "send HOST:PORT [TEXT] | listen ADDR:PORT", "send and receive datagrams over UDP",
        [UdpOptions.Datagrams, UdpOptions.Time, UdpOptions.Way, ConnectionOptions.Permission, GeneralOptions.Plain], RunAsync)
    {
        LeastPositionals = 2,
        MostPositionals = 3,
        Choices = ["send", "listen"],
        Details =
        [
            "send sends TEXT, or standard input as one datagram, and ends. With --expect-reply it waits for a datagram that comes back from that very address and port, " +
            "and sends again, with waits that double, where none comes; with --count for so many. That nobody is there is told where the network says so.",
            "listen shows every datagram, with --echo sends it back, and says on standard error where it listens (with --json in a first line of type listening). " +
            "Port 0 is any free one; only this machine reaches 127.0.0.1 and [::1]. Nothing that arrives is ever run.",
            "With --json each datagram is a line {\"type\":\"datagram\",\"data\":\"…\",\"encoding\":\"text|base64\",\"bytes\":n,\"peer\":\"…\"}, with \"truncated\":true where its end " +
            "is lost; send ends with a line of type end and the bytes of all that came.",
        ],
        Examples = ["udp send 127.0.0.1:7000 hello --expect-reply", "udp send 127.0.0.1:53 --hex 12340100000100000000000000000200 --expect-reply --json", "udp listen 127.0.0.1:7000 --echo", "udp listen [::1]:0 --json --count 10"],
    };

    private static Task<int> RunAsync(Invocation run)
    {
        var target = run.Arguments.Positionals[1];
        return TimeLimit.WithinAsync(run, UdpOptions.Timeout, target, stop => run.Arguments.Positionals[0] switch
        {
            "send" => new UdpSending(run).RunAsync(target, stop),
            "listen" when run.Arguments.Positionals.Count > 2 => throw new UsageException("listen takes no TEXT.", run.Arguments.Positionals[2]),
            "listen" => ListenAsync(run, target, stop),
            var other => throw new UsageException($"'{other}' is neither send nor listen{Suggestion.Instead(other, ["send", "listen"])}", other),
        });
    }

    public static int? ReadCount(ParsedArguments arguments) => arguments.Value(UdpOptions.Count, static text => NumberText.Parse(text, 1, int.MaxValue));

    public static UDPClientOptions ReadOptions(Invocation run)
    {
        var arguments = run.Arguments;
        var options = new UDPClientOptions { Transport = TransportSettings.Read(run), AllowBroadcast = arguments.Has(UdpOptions.Broadcast) };
        var most = arguments.Value(UdpOptions.MaxDatagram, static text => NumberText.Size(text) is > 0 and <= 65_527 and var size ? size : throw new FormatException("a datagram has 1 to 65527 bytes."));
        return most is { } bytes ? options with { MaxDatagramBytes = (int)bytes } : options;
    }

    private static async Task<int> ListenAsync(Invocation run, string target, CancellationToken cancellationToken)
    {
        var count = ReadCount(run.Arguments);
        await using var client = UDPClient.Bind(TcpCommand.Target(target, AddressText.ParseListening), ReadOptions(run));
        var received = 0;
        run.Progress = () => $"{received} datagrams had arrived";
        FrameDocument.WriteListening(run, client.LocalEndPoint!.ToString());
        await foreach (var datagram in client.WithCancellation(cancellationToken))
        {
            FrameDocument.Write(run, datagram);
            if (run.Arguments.Has(UdpOptions.Echo))
                await EchoAsync(run, client, datagram, cancellationToken);
            if (++received == count)
                break;
        }
        return ExitCodes.Done;
    }

    private static async Task EchoAsync(Invocation run, UDPClient client, UDPDatagram datagram, CancellationToken cancellationToken)
    {
        try
        {
            await client.SendAsync(datagram.Data, datagram.RemoteEndPoint, cancellationToken);
        }
        catch (NetworkException refused)
        {
            // One peer that cannot be answered is not the others' business.
            if (!run.IsQuiet)
                run.Error.Line(PropertyNames.Replace(refused.Message)).Flush();
        }
    }
}
