using System.Buffers.Binary;
using System.Net;
using System.Text;

namespace Codomyrmex.Networking.Testing.Internal;

/// <summary>SOCKS5 (RFC 1928) with user and password (RFC 1929), CONNECT only.</summary>
internal static class Socks5Session
{
    private const byte NoCredentials = 0, UserAndPassword = 2, NoneAcceptable = 0xFF;

    public static async Task RunAsync(ProxyClient client)
    {
        var request = new ProxiedRequest
        {
            Protocol = ProxyProtocol.Socks5,
            Host = string.Empty,
            Port = 0,
            ConnectionNumber = client.Number,
        };
        var count = (await client.TakeAsync(2).ConfigureAwait(false))[1];
        var offered = await client.TakeAsync(count).ConfigureAwait(false);
        var options = client.Proxy.Options;
        var method = options.User is null && offered.Contains(NoCredentials) ? NoCredentials
            : offered.Contains(UserAndPassword) ? UserAndPassword : NoneAcceptable;
        if (method == NoneAcceptable)
        {
            await client.PlayAsync(client.Proxy.Decide(request), (byte[])[5, NoneAcceptable]).ConfigureAwait(false);
            return;
        }
        await client.SendAsync((byte[])[5, method]).ConfigureAwait(false);
        if (method == UserAndPassword)
        {
            var user = await TextAsync(client, skip: 1).ConfigureAwait(false);
            var password = await TextAsync(client, skip: 0).ConfigureAwait(false);
            request = request with { User = user, Password = password };
            if (options.User is not null && (user != options.User || password != (options.Password ?? string.Empty)))
            {
                await client.PlayAsync(client.Proxy.Decide(request), (byte[])[1, 1]).ConfigureAwait(false);
                return;
            }
            await client.SendAsync((byte[])[1, 0]).ConfigureAwait(false);
        }
        await ConnectAsync(client, request with { IsAuthenticated = true }).ConfigureAwait(false);
    }

    private static async Task ConnectAsync(ProxyClient client, ProxiedRequest request)
    {
        var head = await client.TakeAsync(4).ConfigureAwait(false);
        var host = head[3] switch
        {
            1 => new IPAddress(await client.TakeAsync(4).ConfigureAwait(false)).ToString(),
            3 => await TextAsync(client, skip: 0).ConfigureAwait(false),
            4 => new IPAddress(await client.TakeAsync(16).ConfigureAwait(false)).ToString(),
            _ => throw new EndOfStreamException("The address type is unknown."),
        };
        var port = BinaryPrimitives.ReadUInt16BigEndian(await client.TakeAsync(2).ConfigureAwait(false));
        request = request with { Host = host, Port = port };
        var decision = client.Proxy.Decide(request);
        if (await client.PlayAsync(decision, Reply(decision.SocksCode)).ConfigureAwait(false))
            return;
        var upstream = head[1] == 1 ? await client.ConnectAsync(host, port).ConfigureAwait(false) : null;
        if (upstream is null)
        {
            var code = head[1] != 1 ? 7 : client.Proxy.Resolve(host) is null ? 2 : 5;
            await client.PlayAsync(ProxyDecision.Refuse(), Reply(code)).ConfigureAwait(false);
            return;
        }
        await client.SendAsync(Reply(0)).ConfigureAwait(false);
        await client.RelayAsync(upstream, oneAnswer: false).ConfigureAwait(false);
    }

    private static byte[] Reply(int code) => [5, (byte)code, 0, 1, 0, 0, 0, 0, 0, 0];

    private static async Task<string> TextAsync(ProxyClient client, int skip)
    {
        var length = (await client.TakeAsync(skip + 1).ConfigureAwait(false))[skip];
        return Encoding.UTF8.GetString(await client.TakeAsync(length).ConfigureAwait(false));
    }
}
