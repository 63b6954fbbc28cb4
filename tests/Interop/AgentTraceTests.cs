using System.Diagnostics;
using System.Text.Json.Serialization;
using Codomyrmex.Networking.Extensions;
using Codomyrmex.Networking.Http;
using Codomyrmex.Networking.Rpc;
using Codomyrmex.Networking.Ssh;
using Codomyrmex.Networking.Testing;
using Codomyrmex.Networking.WebSockets;
using OpenTelemetry;
using OpenTelemetry.Trace;

namespace Codomyrmex.Networking.Tests.Interop;

/// <summary>The fleet-wide view: what one agent asks of another, and what that one does over HTTP, SSH and WebSocket, is one trace.</summary>
public sealed partial class AgentTraceTests
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("ws://127.0.0.1:0/rpc")]
    [InlineData("tcp://127.0.0.1:0")]
    public async Task One_call_across_http_ssh_and_websocket_hangs_together_in_one_trace(string address)
    {
        Assert.True(OpenSshServer.IsInstalled, "OpenSSH is missing: run ./dev setup.");
        var spans = new Spans();
        using var telemetry = OpenTelemetrySdk.Create(builder =>
        {
            builder.Services.AddCodomyrmexNetworkingInstrumentation();
            builder.WithTracing(tracing => tracing.AddInMemoryExporter(spans));
        });
        await using var web = LabEndpoints.MapTo(LoopbackServer.Start());
        await using var echo = WebSocketServer.Start();
        await using var ssh = await OpenSshServer.StartAsync(cancellationToken: Stop);
        var methods = new RpcMethods().Add("research", TraceJson.Default.String, TraceJson.Default.String, async (question, call, ct) =>
        {
            await using var client = HTTPClient.Create();
            (await client.GetAsync(web.Url + "json", new RequestOptions { Deadline = call.Deadline }, ct)).Dispose();
            await using var shell = new SSHClient(ssh.Host, ssh.User, new SSHClientOptions
            {
                Port = ssh.Port,
                Credentials = [SSHCredential.KeyFile(ssh.KeyFile)],
                HostKeys = HostKeyTrust.Default with { KnownHostsFiles = [ssh.KnownHostsFile] },
            });
            var result = await shell.RunAsync("echo done", cancellationToken: ct);
            await using var socket = await WebSocketClient.ConnectAsync(echo.Url.AbsoluteUri, cancellationToken: ct);
            await socket.SendAsync(question!, ct);
            return (await socket.ReceiveAsync(ct))!.Value.Text + " " + result.Stdout.Trim();
        });
        await using var server = RpcServer.Start(address, new RpcServerOptions { Rpc = new RpcOptions { Methods = methods } });

        ActivityTraceId trace;
        await using (var rpc = await RpcConnection.ConnectAsync(server.Address, cancellationToken: Stop))
        {
            using var task = new Activity("task") { ActivityTraceFlags = ActivityTraceFlags.Recorded }.Start();
            trace = task.TraceId;
            Assert.Equal("why? done", await rpc.CallAsync("research", "why?", TraceJson.Default.String, TraceJson.Default.String, Stop));
        }
        telemetry.TracerProvider.ForceFlush();

        var own = spans.Taken().Where(span => span.TraceId == trace).ToList();
        var (calling, serving) = (own.Single(static span => span is { OperationName: "research", Kind: ActivityKind.Client }), own.Single(static span => span is { OperationName: "research", Kind: ActivityKind.Server }));
        Assert.Equal(calling.SpanId, serving.ParentSpanId);
        // What the method did lies below its span, whatever carried it.
        Assert.All(own.Where(span => span != calling && span != serving), span => Assert.True(IsBelow(span, serving, own), $"{span.DisplayName} is not below the served call"));
        foreach (var port in new[] { web.Port, ssh.Port, echo.Port })
            Assert.Contains(own, span => port.Equals(span.GetTagItem("server.port")));
    }

    private static bool IsBelow(Activity span, Activity ancestor, List<Activity> all)
    {
        for (var at = span; at is not null; at = all.Find(other => other.SpanId == at.ParentSpanId))
        {
            if (at.ParentSpanId == ancestor.SpanId)
                return true;
        }
        return false;
    }

    [JsonSerializable(typeof(string))]
    internal sealed partial class TraceJson : JsonSerializerContext;
}
