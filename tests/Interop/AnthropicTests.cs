using Anthropic;
using Anthropic.Models.Messages;
using Codomyrmex.Networking.Llm;
using Codomyrmex.Networking.Resilience;
using Codomyrmex.Networking.Testing;
using Codomyrmex.Networking.Tests.Interop.Fixtures;

namespace Codomyrmex.Networking.Tests.Interop;

/// <summary>Anthropic's SDK sending through ours.</summary>
public class AnthropicTests
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    private static MessageCreateParams Question => new()
    {
        MaxTokens = 100,
        Model = "test-model",
        Messages = [new UserMessageParam("one two three")],
    };

    private static AnthropicClient Client(SdkClient sdk, Uri server, int retries = 0) => new()
    {
        HttpClient = sdk.Http,
        BaseUrl = server.ToString().TrimEnd('/'),
        ApiKey = "k3y",
        MaxRetries = retries,
    };

    private static async Task<string> StreamAsync(AnthropicClient client)
    {
        var text = "";
        await foreach (var update in client.Messages.CreateStreaming(Question, Stop))
        {
            if (update.TryPickContentBlockDelta(out var delta) && delta.Delta.TryPickText(out var part))
                text += part.Text;
        }
        return text;
    }

    [Fact]
    public async Task Message_comes_through_with_the_sdks_credential()
    {
        await using var server = ChatServer.Start(new ChatServerOptions { ApiKey = "k3y" });
        await using var sdk = new SdkClient();
        var message = await Client(sdk, server.Url).Messages.Create(Question, Stop);
        Assert.True(message.Content[0].TryPickText(out var text));
        Assert.Equal("one two three", text.Text);
    }

    [Fact]
    public async Task Stream_arrives_event_by_event()
    {
        await using var server = ChatServer.Start();
        await using var sdk = new SdkClient();
        Assert.Equal("one two three", await StreamAsync(Client(sdk, server.Url)));
    }

    [Fact]
    public async Task Policy_denies_a_forbidden_target_with_our_error_inside()
    {
        await using var server = ChatServer.Start();
        await using var sdk = new SdkClient(SdkClient.PublicOnly);
        var error = await Assert.ThrowsAnyAsync<Exception>(() => Client(sdk, server.Url).Messages.Create(Question, Stop));
        Assert.Equal(ErrorCodes.PolicyDenied, SdkClient.Ours<PolicyException>(error).Code);
        Assert.Equal(0, server.Server.ConnectionCount);
    }

    [Fact]
    public async Task Limit_on_a_body_holds_with_our_error_inside()
    {
        await using var server = ChatServer.Start();
        await using var sdk = new SdkClient(SdkClient.Tiny);
        var error = await Assert.ThrowsAnyAsync<Exception>(() => Client(sdk, server.Url).Messages.Create(Question, Stop));
        Assert.Equal(ErrorCodes.HttpTooLarge, SdkClient.Ours<NetworkException>(error).Code);
    }

    [Fact]
    public async Task Stream_that_is_cut_ends_in_our_error()
    {
        await using var server = ChatServer.Start();
        server.Reply(ChatReply.Text("a", "b", "c") with { Fault = ChatFault.Cut, FaultAfter = 4 });
        await using var sdk = new SdkClient();
        var error = await Assert.ThrowsAnyAsync<Exception>(() => StreamAsync(Client(sdk, server.Url)));
        Assert.Equal(ErrorCodes.TcpReset, SdkClient.Ours<ConnectionException>(error).Code);
    }

    [Fact]
    public async Task Retries_are_the_sdks_alone_and_not_multiplied()
    {
        await using var server = ChatServer.Start();
        server.Reply(ChatReply.Fail(529, TimeSpan.FromMilliseconds(1)));
        await using var sdk = new SdkClient();
        await Assert.ThrowsAnyAsync<Exception>(() => Client(sdk, server.Url, retries: 2).Messages.Create(Question, Stop));
        Assert.Equal(3, server.Requests.Count);
    }

    [Fact]
    public async Task Rate_headers_that_the_sdk_does_not_read_hold_its_next_call_back()
    {
        await using var server = ChatServer.Start(new ChatServerOptions { RequestsPerMinute = 1 });
        await using var sdk = new SdkClient(options => options with { HostLimits = new HostLimitOptions { MaxWait = TimeSpan.Zero } });
        await Client(sdk, server.Url).Messages.Create(Question, Stop);
        var error = await Assert.ThrowsAnyAsync<Exception>(() => Client(sdk, server.Url).Messages.Create(Question, Stop));
        Assert.Equal((ErrorCodes.RateLimited, WasSent.Never), (SdkClient.Ours<RateLimitException>(error).Code, SdkClient.Ours<RateLimitException>(error).WasSent));
    }

    [Fact]
    public async Task Stream_of_ours_reads_the_same_answer_as_the_sdk()
    {
        await using var server = ChatServer.Start();
        server.Reply(ChatReply.Text("Hel", "lo") with { Pings = 2 });
        await using var sdk = new SdkClient();
        var text = await StreamAsync(Client(sdk, server.Url));
        await using var client = new Codomyrmex.Networking.Http.HTTPClient(Codomyrmex.Networking.Http.HTTPProfiles.Llm);
        var request = new Codomyrmex.Networking.Http.Request("POST", $"{server.Url}v1/messages") { Body = Codomyrmex.Networking.Http.RequestBody.Text(server.Requests[0].Body.GetRawText(), "application/json") };
        var answer = await new ModelStream(client, request, new ModelStreamOptions { Format = ModelFormat.Anthropic }).ReadToEndAsync(Stop);
        Assert.Equal(("Hello", text, false), (answer.Text, answer.Text, answer.IsUsageEstimated));
    }
}
