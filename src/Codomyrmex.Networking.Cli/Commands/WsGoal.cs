using System.Text;
using Codomyrmex.Networking.Cli.Parsing;
using Codomyrmex.Networking.WebSockets;

namespace Codomyrmex.Networking.Cli.Commands;

/// <summary>What must have come before a conversation is done. One without a goal is done when either side has had enough.</summary>
/// <param name="expected">A text that a message must hold; null for none.</param>
/// <param name="count">How many messages; null for any number.</param>
internal sealed class WsGoal(string? expected, int? count)
{
    private readonly byte[] _expected = Encoding.UTF8.GetBytes(expected ?? "");
    private bool _isSeen = expected is null;

    public static WsGoal Read(ParsedArguments arguments) =>
        new(arguments.Text(WsOptions.Expect), arguments.Value(WsOptions.Count, static text => NumberText.Parse(text, 1, int.MaxValue)));

    /// <summary>Whether there is anything to wait for.</summary>
    public bool Exists => expected is not null || count is not null;

    /// <summary>Messages that have come.</summary>
    public int Received { get; private set; }

    /// <summary>Whether nothing more is to be waited for; where a number is given, whatever has come by then.</summary>
    public bool IsOver => count is { } most ? Received >= most : Exists && _isSeen;

    /// <summary>Whether what was to come has come.</summary>
    public bool IsReached => _isSeen && Received >= (count ?? 0);

    /// <summary>What is missing, in words.</summary>
    public string Missing => !_isSeen ? $"no message held '{expected}'" : $"{Received} of {count} messages had come";

    public void Take(in WebSocketMessage message)
    {
        Received++;
        _isSeen = _isSeen || message.Bytes.Span.IndexOf(_expected) >= 0;
    }
}
