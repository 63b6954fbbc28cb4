using System.Diagnostics;
using Codomyrmex.Networking.Diagnostics;
using Codomyrmex.Networking.Ssh;
using Codomyrmex.Networking.Testing;

namespace Codomyrmex.Networking.Tests.Integration.Ssh;

/// <summary>Table SSH, row 50: traces and metrics, of a real server's calls.</summary>
public sealed class TelemetryTests : IAsyncLifetime
{
    private OpenSshServer _server = null!;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => _server = await OpenSshServer.StartAsync(cancellationToken: Token);

    public ValueTask DisposeAsync() => _server.DisposeAsync();

    [Fact]
    public async Task Each_call_has_a_span_a_measurement_and_a_record()
    {
        using var telemetry = TelemetryCapture.Start();
        var local = Path.Combine(_server.Folder, "canary-local");
        await File.WriteAllTextAsync(local, "hello", Token);
        await using (var ssh = await Connected.ToAsync(_server, options => options with { Logger = telemetry.Logger }))
        {
            await ssh.RunAsync("echo canary-command; exit 3", cancellationToken: Token);
            await ssh.UploadAsync(local, Path.Combine(_server.Folder, "canary-there"), cancellationToken: Token);
            await ssh.DownloadAsync(Path.Combine(_server.Folder, "canary-there"), local + "-back", cancellationToken: Token);
        }
        Assert.Equal(["SSH connect", "SSH exec", "SFTP upload", "SFTP download"], telemetry.Spans.Select(span => span.OperationName));
        Assert.All(telemetry.Spans, span =>
        {
            Assert.Equal((ActivityKind.Internal, ActivityStatusCode.Unset), (span.Kind, span.Status));
            Assert.Equal(("127.0.0.1", _server.Port, "ssh"), (span.GetTagItem("server.address"), span.GetTagItem("server.port"), span.GetTagItem("network.protocol.name")));
        });
        var (connect, exec, upload) = (telemetry.Spans[0], telemetry.Spans[1], telemetry.Spans[2]);
        Assert.Equal(("127.0.0.1", _server.Port), (connect.GetTagItem("network.peer.address"), connect.GetTagItem("network.peer.port")));
        Assert.Equal("aes128-gcm@openssh.com", connect.GetTagItem("ssh.cipher"));
        Assert.Equal(("SSH exec", 3), (exec.GetTagItem("ssh.operation"), exec.GetTagItem("ssh.exit_status")));
        Assert.Equal(5L, upload.GetTagItem("ssh.transfer.bytes"));

        Assert.Equal(4, telemetry.Measurements.Count(measurement => measurement.Instrument == "codomyrmex.call.duration"));
        Assert.Equal([1, 1, 1, 1], telemetry.Logs.Select(log => log.Id.Id));
        // Neither commands nor paths are told.
        Assert.DoesNotContain("canary", telemetry.ToString());
    }

    [Fact]
    public async Task Failure_and_cancellation_have_their_code_in_span_measurement_and_record()
    {
        using var telemetry = TelemetryCapture.Start();
        await using var ssh = await Connected.ToAsync(_server, options => options with { Logger = telemetry.Logger });
        await Assert.ThrowsAsync<SftpException>(() => ssh.DownloadAsync("/no/such/canary", Path.Combine(_server.Folder, "back"), cancellationToken: Token));
        var span = telemetry.Spans[^1];
        Assert.Equal((ErrorCodes.SftpNoSuchFile, ActivityStatusCode.Error), (span.GetTagItem("error.type"), span.Status));
        Assert.Contains("sftp.no_such_file", telemetry.Measurements[^1].ToString());
        Assert.Equal(2, telemetry.Logs[^1].Id.Id);

        using var stop = CancellationTokenSource.CreateLinkedTokenSource(Token);
        await using var started = await ssh.StartAsync("sleep 60", cancellationToken: Token);
        var running = ssh.RunAsync("echo started; sleep 60", cancellationToken: stop.Token);
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => running);
        span = telemetry.Spans[^1];
        Assert.Equal(("SSH exec", NetworkTelemetry.Cancelled, ActivityStatusCode.Unset), (span.OperationName, span.GetTagItem("error.type"), span.Status));
        Assert.Equal(4, telemetry.Logs[^1].Id.Id);

        var refused = new SSHClient("127.0.0.1", _server.User, Connected.Options(_server) with { Logger = telemetry.Logger, HostKeys = new HostKeyTrust { KnownHostsFiles = [] } });
        await using (refused)
            await Assert.ThrowsAsync<SSHException>(() => refused.ConnectAsync(Token));
        Assert.Equal((ErrorCodes.SshHostKeyUnknown, ActivityStatusCode.Error), (telemetry.Spans[^1].GetTagItem("error.type"), telemetry.Spans[^1].Status));
    }
}
