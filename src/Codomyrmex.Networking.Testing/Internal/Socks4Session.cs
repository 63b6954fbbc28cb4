using System.Buffers.Binary;
using System.Net;
using System.Text;

namespace Codomyrmex.Networking.Testing.Internal;

/// <summary>SOCKS4 and its extension 4a.</summary>
internal static class Socks4Session
{
    private static readonly byte[] Granted = [0, 90, 0, 0, 0, 0, 0, 0];
    private static readonly byte[] Rejected = [0, 91, 0, 0, 0, 0, 0, 0];
    private static readonly byte[] WrongUser = [0, 93, 0, 0, 0, 0, 0, 0];

    public static async Task RunAsync(ProxyClient client)
    {
        var fixedPart = await client.TakeAsync(8).ConfigureAwait(false);
        var user = Encoding.Latin1.GetString(await client.TakeToZeroAsync().ConfigureAwait(false));
        var address = fixedPart.AsMemory(4, 4);
        // 0.0.0.x with x other than zero: the name follows.
        var named = address.Span[..3].SequenceEqual("\0\0\0"u8) && address.Span[3] != 0;
        var host = named
            ? Encoding.Latin1.GetString(await client.TakeToZeroAsync().ConfigureAwait(false))
            : new IPAddress(address.Span).ToString();
        var wanted = client.Proxy.Options.User;
        var request = new ProxiedRequest
        {
            Protocol = named ? ProxyProtocol.Socks4a : ProxyProtocol.Socks4,
            Host = host,
            Port = BinaryPrimitives.ReadUInt16BigEndian(fixedPart.AsSpan(2)),
            User = user.Length == 0 ? null : user,
            ConnectionNumber = client.Number,
            IsAuthenticated = wanted is null || wanted == user,
        };
        var decision = client.Proxy.Decide(request);
        if (await client.PlayAsync(decision, request.IsAuthenticated ? Rejected : WrongUser).ConfigureAwait(false))
            return;
        if (fixedPart[1] != 1 || await client.ConnectAsync(host, request.Port).ConfigureAwait(false) is not { } upstream)
        {
            await client.PlayAsync(ProxyDecision.Refuse(), Rejected).ConfigureAwait(false);
            return;
        }
        await client.SendAsync(Granted).ConfigureAwait(false);
        await client.RelayAsync(upstream, oneAnswer: false).ConfigureAwait(false);
    }
}
