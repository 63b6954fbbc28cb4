using Codomyrmex.Networking.Http;
using Codomyrmex.Networking.Ssh;
using Codomyrmex.Networking.Testing;
using Codomyrmex.Networking.Transport;
using Codomyrmex.Networking.WebSockets;

namespace Codomyrmex.Networking.Samples;

/// <summary>One endpoint over another: HTTP and a WebSocket through an SSH jump through a SOCKS proxy, under one deadline.</summary>
public static class Layers
{
    public static async Task RunAsync(Uri inside, TextWriter output, CancellationToken ct)
    {
        await using var socks = LoopbackProxy.Start();
        await using var server = await OpenSshServer.StartAsync(cancellationToken: ct);
        var trusted = new HostKeyTrust { KnownHostsFiles = [server.KnownHostsFile] };
        // sample: layers
        var deadline = Deadline.After(TimeSpan.FromSeconds(20));
        await using var jump = new SSHClient(server.Host, server.User, new SSHClientOptions
        {
            Port = server.Port,
            Credentials = [SSHCredential.KeyFile(server.KeyFile)],
            HostKeys = trusted,
            Transport = new TransportOptions { Proxy = ProxyOptions.Parse($"socks5://127.0.0.1:{socks.Port}") },
        });
        var through = new TransportOptions { DialOver = jump.DialAsync };

        await using var client = new HTTPClient(new HTTPClientOptions { Transport = through });
        using var response = await client.GetAsync($"{inside}get", new RequestOptions { Deadline = deadline }, ct);
        foreach (var layer in response.Layers)
            await output.WriteLineAsync($"{layer.Name}: {layer.Elapsed.TotalMilliseconds:0.0} ms");

        var socket = new WebSocketOptions { Transport = through, Timeouts = Timeouts.Default with { Total = deadline.Remaining } };
        await using var ws = await WebSocketClient.ConnectAsync($"ws://{inside.Authority}/ws/echo", socket, ct);
        await ws.SendAsync("through both", ct);
        await output.WriteLineAsync($"{await ws.ReceiveAsync(ct)}, over {ws.Layers.Count} layers");

        try
        {
            await client.GetAsync("http://127.0.0.1:1/", new RequestOptions { Deadline = deadline }, ct);
        }
        catch (NetworkException error)
        {
            await output.WriteLineAsync($"{error.Code} at {error.Layers[^1]}, on the way {string.Join(" over ", error.Layers)}");
        }
        // end
    }
}
