namespace Codomyrmex.Networking.WebSockets.Protocol;

/// <summary>What a frame carries (RFC 6455, section 5.2). The values between are reserved.</summary>
internal enum Opcode : byte
{
    Continuation = 0,
    Text = 1,
    Binary = 2,
    Close = 8,
    Ping = 9,
    Pong = 10,
}
