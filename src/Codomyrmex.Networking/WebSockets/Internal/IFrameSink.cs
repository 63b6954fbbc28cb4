namespace Codomyrmex.Networking.WebSockets.Internal;

/// <summary>Whom a <see cref="FrameReader"/> tells what is not a part of a message.</summary>
internal interface IFrameSink
{
    /// <summary>Something has arrived.</summary>
    void Received();

    void Ping(ReadOnlySpan<byte> payload);

    void Pong(ReadOnlySpan<byte> payload);

    void Close(WebSocketCloseCode code, string reason);
}
