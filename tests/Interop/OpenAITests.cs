using System.ClientModel;
using System.ClientModel.Primitives;
using Codomyrmex.Networking.Llm;
using Codomyrmex.Networking.Resilience;
using Codomyrmex.Networking.Testing;
using Codomyrmex.Networking.Tests.Interop.Fixtures;
using OpenAI;
using OpenAI.Chat;

namespace Codomyrmex.Networking.Tests.Interop;

/// <summary>OpenAI's SDK sending through ours.</summary>
public class OpenAITests
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    private static readonly ChatMessage[] Question = [ChatMessage.CreateUserMessage("one two three")];

    private static ChatClient Chat(SdkClient sdk, Uri server, int retries = 0) => new("test-model", new ApiKeyCredential("k3y"), new OpenAIClientOptions
    {
        Endpoint = new Uri(server, "v1"),
        Transport = new HttpClientPipelineTransport(sdk.Http),
        RetryPolicy = new ClientRetryPolicy(retries),
    });

    [Fact]
    public async Task Completion_comes_through_with_the_sdks_credential()
    {
        await using var server = ChatServer.Start(new ChatServerOptions { ApiKey = "k3y" });
        await using var sdk = new SdkClient();
        ChatCompletion completion = await Chat(sdk, server.Url).CompleteChatAsync(Question, cancellationToken: Stop);
        Assert.Equal(("one two three", ChatFinishReason.Stop), (completion.Content[0].Text, completion.FinishReason));
    }

    [Fact]
    public async Task Stream_arrives_as_it_comes_with_calls_of_tools()
    {
        await using var server = ChatServer.Start();
        server.Reply(ChatReply.Text("Hel", "lo") with { ToolCalls = [new("weather", """{"city":"Oslo"}""")] });
        await using var sdk = new SdkClient();
        var (text, arguments) = ("", "");
        await foreach (var update in Chat(sdk, server.Url).CompleteChatStreamingAsync(Question, cancellationToken: Stop))
        {
            text += string.Concat(update.ContentUpdate.Select(part => part.Text));
            arguments += string.Concat(update.ToolCallUpdates.Select(call => call.FunctionArgumentsUpdate?.ToString()));
        }
        Assert.Equal(("Hello", """{"city":"Oslo"}"""), (text, arguments));
    }

    [Fact]
    public async Task Policy_denies_a_forbidden_target_with_our_error_inside()
    {
        await using var server = ChatServer.Start();
        await using var sdk = new SdkClient(SdkClient.PublicOnly);
        var error = await Assert.ThrowsAnyAsync<Exception>(() => Chat(sdk, server.Url).CompleteChatAsync(Question, cancellationToken: Stop));
        Assert.Equal(ErrorCodes.PolicyDenied, SdkClient.Ours<PolicyException>(error).Code);
        Assert.Equal(0, server.Server.ConnectionCount);
    }

    [Fact]
    public async Task Limit_on_a_body_holds_with_our_error_inside()
    {
        await using var server = ChatServer.Start();
        await using var sdk = new SdkClient(SdkClient.Tiny);
        var error = await Assert.ThrowsAnyAsync<Exception>(() => Chat(sdk, server.Url).CompleteChatAsync(Question, cancellationToken: Stop));
        Assert.Equal(ErrorCodes.HttpTooLarge, SdkClient.Ours<NetworkException>(error).Code);
    }

    [Fact]
    public async Task Stream_that_is_cut_ends_in_our_error()
    {
        await using var server = ChatServer.Start();
        server.Reply(ChatReply.Text("a", "b", "c") with { Fault = ChatFault.Cut, FaultAfter = 2 });
        await using var sdk = new SdkClient();
        var error = await Assert.ThrowsAnyAsync<Exception>(async () =>
        {
            await foreach (var update in Chat(sdk, server.Url).CompleteChatStreamingAsync(Question, cancellationToken: Stop))
                Assert.NotNull(update);
        });
        Assert.Equal(ErrorCodes.TcpReset, SdkClient.Ours<ConnectionException>(error).Code);
    }

    [Fact]
    public async Task Stream_that_stalls_ends_in_our_timeout()
    {
        await using var server = ChatServer.Start();
        server.Reply(ChatReply.Text("a", "b") with { Fault = ChatFault.Stall, FaultAfter = 1 });
        await using var sdk = new SdkClient(options => options with { Timeouts = Timeouts.Default with { Idle = TimeSpan.FromMilliseconds(200) } });
        var error = await Assert.ThrowsAnyAsync<Exception>(async () =>
        {
            await foreach (var update in Chat(sdk, server.Url).CompleteChatStreamingAsync(Question, cancellationToken: Stop))
                Assert.NotNull(update);
        });
        Assert.Equal(ErrorCodes.TimeoutIdle, SdkClient.Ours<NetworkTimeoutException>(error).Code);
    }

    [Theory]
    [InlineData(2, 0, 3)]
    [InlineData(0, 2, 1)]
    [InlineData(2, 2, 3)]
    public async Task Retries_are_the_sdks_alone_since_its_bodies_can_be_read_once(int ofTheSdk, int ofOurs, int sent)
    {
        await using var server = ChatServer.Start();
        server.Reply(ChatReply.Fail(503, TimeSpan.Zero));
        await using var sdk = new SdkClient(options => options with
        {
            Retry = RetryOptions.Default with { Retries = ofOurs, BaseDelay = TimeSpan.Zero, RepeatUnsafeMethods = true },
        });
        await Assert.ThrowsAsync<ClientResultException>(() => Chat(sdk, server.Url, ofTheSdk).CompleteChatAsync(Question, cancellationToken: Stop));
        Assert.Equal(sent, server.Requests.Count);
    }

    [Theory]
    [InlineData(1, 1000)]
    [InlineData(1000, 3)]
    public async Task Rate_headers_that_the_sdk_does_not_read_hold_its_next_call_back(int requests, int tokens)
    {
        await using var server = ChatServer.Start(new ChatServerOptions { RequestsPerMinute = requests, TokensPerMinute = tokens });
        await using var sdk = new SdkClient(options => options with
        {
            HostLimits = new HostLimitOptions { MaxWait = TimeSpan.Zero },
            Middleware = [(request, next, stop) => next(request with { Options = request.Options with { TokenCost = 3 } }, stop)],
        });
        await Chat(sdk, server.Url).CompleteChatAsync(Question, cancellationToken: Stop);
        var error = await Assert.ThrowsAnyAsync<Exception>(() => Chat(sdk, server.Url).CompleteChatAsync(Question, cancellationToken: Stop));
        Assert.Equal((ErrorCodes.RateLimited, WasSent.Never), (SdkClient.Ours<RateLimitException>(error).Code, SdkClient.Ours<RateLimitException>(error).WasSent));
        Assert.Single(server.Requests);
    }

    [Fact]
    public async Task Budget_of_a_task_stops_the_sdk_too()
    {
        await using var server = ChatServer.Start();
        var budget = new NetworkBudget(requests: 2);
        await using var sdk = new SdkClient(options => options with
        {
            Middleware = [(request, next, stop) => next(request with { Options = request.Options with { Budget = budget } }, stop)],
        });
        for (var i = 0; i < 2; i++)
            await Chat(sdk, server.Url).CompleteChatAsync(Question, cancellationToken: Stop);
        var error = await Assert.ThrowsAnyAsync<Exception>(() => Chat(sdk, server.Url).CompleteChatAsync(Question, cancellationToken: Stop));
        Assert.Equal(ErrorCodes.BudgetRequests, SdkClient.Ours<NetworkException>(error).Code);
    }

    [Fact]
    public async Task Wait_that_the_service_asks_for_is_kept_by_the_sdk_through_us()
    {
        await using var server = ChatServer.Start();
        server.Reply(ChatReply.Fail(429, TimeSpan.FromMilliseconds(30))).Reply(ChatReply.Text("then"));
        await using var sdk = new SdkClient();
        ChatCompletion completion = await Chat(sdk, server.Url, retries: 1).CompleteChatAsync(Question, cancellationToken: Stop);
        Assert.Equal(("then", 2), (completion.Content[0].Text, server.Requests.Count));
    }

    [Fact]
    public async Task Stream_of_ours_reads_the_same_answer_as_the_sdk()
    {
        await using var server = ChatServer.Start();
        server.Reply(ChatReply.Text("Hel", "lo") with { ToolCalls = [new("weather", """{"city":"Oslo"}""")], Pings = 2 });
        await using var sdk = new SdkClient();
        var (text, arguments, reason) = ("", "", (ChatFinishReason?)null);
        await foreach (var update in Chat(sdk, server.Url).CompleteChatStreamingAsync(Question, cancellationToken: Stop))
        {
            text += string.Concat(update.ContentUpdate.Select(part => part.Text));
            arguments += string.Concat(update.ToolCallUpdates.Select(call => call.FunctionArgumentsUpdate?.ToString()));
            reason ??= update.FinishReason;
        }
        await using var client = new Codomyrmex.Networking.Http.HTTPClient(Codomyrmex.Networking.Http.HTTPProfiles.Llm);
        var request = new Codomyrmex.Networking.Http.Request("POST", $"{server.Url}v1/chat/completions") { Body = Codomyrmex.Networking.Http.RequestBody.Text(server.Requests[0].Body.GetRawText(), "application/json") };
        var answer = await new ModelStream(client, request, new ModelStreamOptions { Format = ModelFormat.OpenAI }).ReadToEndAsync(Stop);
        Assert.Equal((text, arguments, ChatFinishReason.ToolCalls), (answer.Text, answer.ToolCalls[0].Arguments, reason));
        Assert.Equal(ModelFinishReason.ToolCalls, answer.FinishReason);
    }
}
