using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace Codomyrmex.Networking.Tests.Integration.Dns;

/// <summary>A dnsmasq of our own on a free port of 127.0.0.1, which knows the names it is given and asks no one else.</summary>
public sealed class DnsmasqServer : IAsyncLifetime
{
    private const string Program = "/usr/sbin/dnsmasq";
    private const int BigAnswer = 200;

    private Process? _process;

    public static bool IsInstalled => File.Exists(Program);

    public IPEndPoint EndPoint { get; private set; } = new(IPAddress.Loopback, 0);

    public static IEnumerable<string> BigAddresses => Enumerable.Range(1, BigAnswer).Select(i => $"10.9.8.{i}");

    public async ValueTask InitializeAsync()
    {
        // Another process may take the port between the choice and the start: choose again then.
        for (var tries = 0; IsInstalled && tries < 5; tries++)
        {
            EndPoint = new IPEndPoint(IPAddress.Loopback, FreePort());
            if (await StartAsync())
                return;
        }
        if (IsInstalled)
            throw new InvalidOperationException("dnsmasq did not start.");
    }

    public ValueTask DisposeAsync()
    {
        _process?.Kill(entireProcessTree: true);
        _process?.WaitForExit();
        _process?.Dispose();
        return ValueTask.CompletedTask;
    }

    private static int FreePort()
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
        socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        return ((IPEndPoint)socket.LocalEndPoint!).Port;
    }

    private static IEnumerable<string> Arguments(int port) =>
    [
        "--no-daemon", "--conf-file=/dev/null", "--pid-file=", "--no-resolv", "--no-hosts", "--no-poll", "--log-facility=-",
        "--listen-address=127.0.0.1", "--bind-interfaces", string.Create(CultureInfo.InvariantCulture, $"--port={port}"),
        "--local=/test/", "--local-ttl=120",
        "--host-record=both.test,192.0.2.1,2001:db8::1", "--host-record=four.test,192.0.2.4", "--host-record=six.test,2001:db8::6",
        "--address=/wild.test/192.0.2.7", "--cname=alias.test,both.test", "--cname=alias2.test,alias.test",
        "--txt-record=text.test,v=1 \"quoted\",second", "--srv-host=_http._tcp.test,both.test,8080,1,2", "--mx-host=mail.test,both.test,10",
        "--caa-record=both.test,0,issue,ca.test", "--dns-rr=both.test,65,000100000100030268320003000201BB", "--dns-rr=both.test,65280,CAFE",
        .. BigAddresses.Select(address => $"--host-record=big.test,{address}"),
    ];

    /// <summary>Starts it and waits until it says that it serves, or ends.</summary>
    private async Task<bool> StartAsync()
    {
        var start = new ProcessStartInfo(Program, Arguments(EndPoint.Port)) { RedirectStandardError = true };
        _process = Process.Start(start)!;
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(20));
        while (await _process.StandardError.ReadLineAsync(limit.Token) is { } line)
        {
            if (!line.Contains("started", StringComparison.Ordinal))
                continue;
            // Nothing may fill the pipe and stop the server.
            _ = _process.StandardError.BaseStream.CopyToAsync(Stream.Null, CancellationToken.None);
            return true;
        }
        await _process.WaitForExitAsync(limit.Token);
        _process.Dispose();
        _process = null;
        return false;
    }
}
