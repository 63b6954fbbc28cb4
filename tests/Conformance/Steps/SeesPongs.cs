using System.Text;
using Codomyrmex.Networking.Testing;

namespace Codomyrmex.Networking.Tests.Conformance.Steps;

/// <summary>The next frames answer these pings in order, up to the last one. Earlier ones may go without (RFC 6455, section 5.5.3).</summary>
internal sealed record SeesPongs(IReadOnlyList<string> Payloads) : IStep
{
    public async Task PlayAsync(WebSocketServerConnection connection, CancellationToken cancellationToken)
    {
        for (var next = 0; next < Payloads.Count;)
        {
            var frame = await Seen.FrameAsync(connection, cancellationToken);
            var answered = Payloads.ToList().IndexOf(Encoding.UTF8.GetString(frame.Payload.Span), next);
            Assert.True(frame.Opcode == WebSocketOpcode.Pong && answered >= 0, $"No pong in order came, but {frame}");
            next = answered + 1;
        }
    }
}
