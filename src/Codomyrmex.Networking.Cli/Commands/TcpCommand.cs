using Codomyrmex.Networking.Cli.Parsing;
using Codomyrmex.Networking.Sockets;

namespace Codomyrmex.Networking.Cli.Commands;

/// <summary><c>tcp connect</c> and <c>tcp listen</c>: frames over one connection, or from everybody.</summary>
internal static class TcpCommand
{
    public static Command Make() => new("tcp", "connect HOST:PORT | listen ADDR:PORT", "send and receive frames over TCP: lines, lengths, raw bytes",
        [TcpOptions.Frames, TcpOptions.Time, ConnectionOptions.Way, ConnectionOptions.Permission, TcpOptions.Security, GeneralOptions.Plain], RunAsync)
    {
        LeastPositionals = 2,
        MostPositionals = 2,
        Choices = ["connect", "listen"],
        Details =
        [
            "connect sends each --send, or each line of standard input, as a frame, and shows what comes back until the peer ends or --count frames " +
            "have come. Without --count it ends its own side behind the last frame, as an answer to all of them may wait for that. HOST:PORT may be unix:/path.",
            "listen shows the frames of everybody who connects, with --echo sends them back, and says on standard error where it listens (with --json in a " +
            "first line of type listening). Port 0 is any free one; only this machine comes in at 127.0.0.1 and [::1]. Nothing that arrives is ever run.",
            "With --json each frame is a line {\"type\":\"frame\",\"data\":\"…\",\"encoding\":\"text|base64\",\"bytes\":n,\"peer\":\"…\"}; the end of a peer has the type end " +
            "and the bytes of all its frames.",
        ],
        Examples =
        [
            "tcp connect 127.0.0.1:6379 --framing crlf --send PING --count 1", "tcp connect example.com:443 --tls --framing crlf < request.txt",
            "tcp listen 127.0.0.1:7000 --echo", "tcp listen [::1]:0 --framing length:4 --json --count 10",
        ],
    };

    private static Task<int> RunAsync(Invocation run)
    {
        var target = run.Arguments.Positionals[1];
        return TimeLimit.WithinAsync(run, TcpOptions.Timeout, target, stop => run.Arguments.Positionals[0] switch
        {
            "connect" => new TcpConversation(run).RunAsync(target, stop),
            "listen" => new TcpListening(run).RunAsync(Target(target, AddressText.ParseListening), stop),
            var other => throw new UsageException($"'{other}' is neither connect nor listen{Suggestion.Instead(other, ["connect", "listen"])}", other),
        });
    }

    public static Framing ReadFraming(ParsedArguments arguments) => arguments.Read(TcpOptions.Framing, FramingText.Parse) ?? Framing.Lines;

    public static int ReadMaxFrame(ParsedArguments arguments) =>
        (int)(arguments.Value(TcpOptions.MaxFrame, static text => NumberText.Size(text) is > 0 and <= 1 << 30 and var size ? size : throw new FormatException("a frame has 1 byte to 1G.")) ?? 1 << 20);

    /// <summary>Reads the target; what is wrong with it becomes a usage error.</summary>
    public static T Target<T>(string text, Func<string, T> parse)
    {
        try
        {
            return parse(text);
        }
        catch (FormatException wrong)
        {
            throw new UsageException(wrong.Message, text, wrong);
        }
    }
}
