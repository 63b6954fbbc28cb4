using System.Net;
using Codomyrmex.Networking.Http;
using Codomyrmex.Networking.Ssh;
using Codomyrmex.Networking.Testing;
using Codomyrmex.Networking.Transport;

namespace Codomyrmex.Networking.Samples;

/// <summary>SSH: a command, a running one, a tunnel, many hosts. The server is a private OpenSSH on this machine.</summary>
public static class Ssh
{
    public static async Task RunAsync(Uri web, TextWriter output, CancellationToken ct)
    {
        await using var server = await OpenSshServer.StartAsync(cancellationToken: ct);
        var (host, user, options) = (server.Host, server.User, new SSHClientOptions
        {
            Port = server.Port,
            Credentials = [SSHCredential.KeyFile(server.KeyFile)],
            HostKeys = new HostKeyTrust { KnownHostsFiles = [server.KnownHostsFile] },
        });
        // sample: first
        await using var ssh = await SSHClient.ConnectAsync(host, user, keyFile: server.KeyFile, options, ct);
        var result = await ssh.RunAsync("uname -s; echo careful >&2; exit 3", cancellationToken: ct);
        await output.WriteLineAsync($"{result.Stdout.Trim()}, {result.Stderr.Trim()}, {result.ExitCode}");
        // end
        // sample: running
        await using var process = await ssh.StartAsync("while read line; do echo \"got $line\"; done", cancellationToken: ct);
        await process.StandardInput.WriteAsync("one\ntwo\n"u8.ToArray(), ct);
        await process.StandardInput.DisposeAsync();
        await foreach (var line in process.ReadLinesAsync(cancellationToken: ct))
            await output.WriteLineAsync(line);
        await output.WriteLineAsync($"ended with {await process.WaitAsync(ct)}");
        // end
        // sample: tunnel
        await using var inside = new HTTPClient(new HTTPClientOptions { Transport = new TransportOptions { DialOver = ssh.DialAsync } });
        using var answer = await inside.GetAsync($"{web}get", cancellationToken: ct);
        await output.WriteLineAsync($"{answer.Status} through {ssh}");
        // end
        // sample: forward
        await using var forward = await ssh.ForwardLocalAsync(new IPEndPoint(IPAddress.Loopback, 0), web.Host, web.Port, ct);
        await output.WriteLineAsync($"{web.Authority} is at {forward.ListensOn}");
        // end
        // sample: fleet
        var fleet = new SSHFleet(user, options, parallel: 16);
        await foreach (var one in fleet.RunAsync([host, "127.0.0.1:1"], "uptime", cancellationToken: ct))
            await output.WriteLineAsync($"{one.Host}: {(one.Error is null ? one.Value!.Stdout.Trim() : one.Error.Code)}");
        // end
    }
}
