// A program as a user of Native AOT writes one. It is published without a warning, and says "ok" where all that it uses works in that form.
using System.Text.Json.Serialization;
using Codomyrmex.Networking;
using Codomyrmex.Networking.Extensions;
using Codomyrmex.Networking.Http;
using Codomyrmex.Networking.Llm;
using Codomyrmex.Networking.Rpc;
using Codomyrmex.Networking.Ssh;
using Codomyrmex.Networking.Testing;
using Codomyrmex.Networking.WebSockets;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

await using var lab = LabEndpoints.MapTo(LoopbackServer.Start());
await using var model = ChatServer.Start();
using var capture = TelemetryCapture.Start();

var settings = new ConfigurationBuilder().AddInMemoryCollection([new("Timeout", "00:00:20"), new("Deny:0", "example.com"), new("BaseUrl", lab.Url.ToString())]).Build();
var services = new ServiceCollection().AddCodomyrmexNetworking().AddHTTPClient("lab", settings).AddHTTPClient("model", HTTPProfiles.Llm).AddCodomyrmexNetworkingInstrumentation();
services.AddHttpClient("sdk").UseHTTPClient("lab");
services.AddLogging(logging => logging.AddProvider(capture).SetMinimumLevel(LogLevel.Debug));
await using var container = services.BuildServiceProvider();
container.GetRequiredService<IStartupValidator>().Validate();
var clients = container.GetRequiredService<IHTTPClients>();

using var echo = await clients.Get("lab").PostAsync("post", new Order("bolts", 12), SmokeJson.Default.Order);
Check("JSON by metadata", echo.EnsureSuccess().Json(SmokeJson.Default.Echo)?.Json is { Item: "bolts", Amount: 12 });
Check("settings from configuration", clients.Get("lab").Options.Timeouts.Total == TimeSpan.FromSeconds(20));
Check("IHttpClientFactory", (await container.GetRequiredService<IHttpClientFactory>().CreateClient("sdk").GetStringAsync(lab.Url + "gzip")).Contains("gzipped", StringComparison.Ordinal));

lab.Inject(Fault.Reset());
try
{
    await clients.Get("lab").PostAsync("post");
    Check("a fault", false);
}
catch (ConnectionException error)
{
    Check("a fault", error.Code == ErrorCodes.TcpReset);
}

var question = RequestBody.Text("""{"model":"test-model","stream":true,"messages":[{"role":"user","content":"hello"}]}""", "application/json");
var path = Path.Combine(Path.GetTempPath(), Path.GetRandomFileName());
using (var recording = Cassette.Record(path, clients.Get("model").ToMessageHandler()))
using (var client = new HTTPClient(HTTPProfiles.Llm with { MessageHandler = recording }))
    (await client.PostAsync(model.Url + "v1/messages", question)).EnsureSuccess().Dispose();
using (var client = new HTTPClient(HTTPProfiles.Llm with { MessageHandler = Cassette.Replay(path) }))
using (var played = await client.PostAsync(model.Url + "v1/messages", question))
    Check("a cassette", played.Text.Contains("message_stop", StringComparison.Ordinal));
File.Delete(path);

var orders = new RpcMethods().Add("order", SmokeJson.Default.Order, SmokeJson.Default.Order, (order, _) => Task.FromResult(order! with { Amount = order.Amount + 1 }));
await using var exchange = WebSocketServer.Start(async (connection, cancellationToken) =>
{
    // What the client asks is what it is asked.
    var call = await connection.ReceiveAsync(cancellationToken);
    await connection.SendAsync(call!, cancellationToken);
    var answer = await connection.ReceiveAsync(cancellationToken);
    await connection.SendAsync(answer!, cancellationToken);
    await connection.ReceiveAsync(cancellationToken);
});
await using var rpc = RpcConnection.Over(await WebSocketClient.ConnectAsync(exchange.Url.AbsoluteUri), new RpcOptions { Methods = orders });
var bought = await rpc.CallAsync("order", new Order("nuts", 41), SmokeJson.Default.Order, SmokeJson.Default.Order);
Check("JSON-RPC over a WebSocket, both ways", bought is { Item: "nuts", Amount: 42 });

await using var talker = new HTTPClient(HTTPProfiles.Llm);
var said = await new ModelStream(talker, new Request("POST", $"{model.Url}v1/messages") { Body = question }, new ModelStreamOptions { Format = ModelFormat.Anthropic }).ReadToEndAsync();
Check("an answer of a model, typed", said is { Text: "hello", IsComplete: true, Usage.TotalTokens: > 0 });

await using (var sshd = await OpenSshServer.StartAsync())
await using (var ssh = await SSHClient.ConnectAsync(sshd.Host, sshd.User, sshd.KeyFile, new SSHClientOptions { Port = sshd.Port, HostKeys = new HostKeyTrust { KnownHostsFiles = [sshd.KnownHostsFile] } }))
{
    Check("a command over SSH", (await ssh.RunAsync("echo native")).Stdout == "native\n");
    var sent = await ssh.UploadAsync(sshd.KnownHostsFile, sshd.Folder + "/sent", new SftpTransferOptions { Verify = true });
    Check("a file over SFTP", sent.Sha256 is not null && File.ReadAllText(sshd.Folder + "/sent") == File.ReadAllText(sshd.KnownHostsFile));
}

Check("spans, metrics and logs", capture.Spans.Count > 0 && capture.Measurements.Count > 0 && capture.Logs.Count > 0);
Check("a profile's difference", HTTPProfiles.Difference(HTTPProfiles.Scrape).Contains("Transport.Pool.MaxConnectionsPerHost: 256 → 4", StringComparison.Ordinal));
Console.WriteLine("ok");

static void Check(string what, bool holds)
{
    if (!holds)
        throw new InvalidOperationException($"{what}: not as it should be in a native executable.");
}

/// <summary>What is ordered.</summary>
internal sealed record Order(string Item, int Amount);

/// <summary>What the lab echoes.</summary>
internal sealed record Echo(Order? Json);

[JsonSerializable(typeof(Order))]
[JsonSerializable(typeof(Echo))]
[JsonSourceGenerationOptions(System.Text.Json.JsonSerializerDefaults.Web)]
internal sealed partial class SmokeJson : JsonSerializerContext;
