using Renci.SshNet.Common;
using Renci.SshNet.Messages.Transport;

namespace Codomyrmex.Networking.Ssh.Internal.Engine;

/// <summary>A payload of ours in the engine's clothes. One serves a whole connection: messages are sent one at a time.</summary>
internal sealed class RawMessage : IgnoreMessage
{
    public ReadOnlyMemory<byte> Payload { get; set; }

    public override string MessageName => "payload";

    public override byte MessageNumber => Payload.Span[0];

    protected override int BufferCapacity => Payload.Length;

    protected override void WriteBytes(SshDataStream stream) => stream.Write(Payload.Span);
}
