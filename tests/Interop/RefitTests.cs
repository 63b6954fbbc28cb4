using System.Text.Json;
using Codomyrmex.Networking.Http;
using Codomyrmex.Networking.Resilience;
using Codomyrmex.Networking.Testing;
using Codomyrmex.Networking.Tests.Interop.Fixtures;
using Refit;

namespace Codomyrmex.Networking.Tests.Interop;

/// <summary>Refit's generated clients sending through ours.</summary>
public class RefitTests
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public interface ILab
    {
        [Get("/anything/{id}")]
        Task<JsonElement> AskAsync(string id, [Query] string q, [Header("X-Own")] string own, CancellationToken ct);

        [Get("/stream/{count}")]
        Task<Stream> LinesAsync(int count, CancellationToken ct);

        [Get("/flaky/{key}/2")]
        Task<HttpResponseMessage> FlakyAsync(string key, CancellationToken ct);

        [Get("/status/404")]
        Task<JsonElement> MissingAsync(CancellationToken ct);
    }

    private static ILab Lab(SdkClient sdk, Uri server)
    {
        sdk.Http.BaseAddress = server;
        return RestService.For<ILab>(sdk.Http);
    }

    [Fact]
    public async Task Typed_call_comes_through_with_our_user_agent_and_credential()
    {
        await using var server = LabEndpoints.MapTo(LoopbackServer.Start());
        await using var sdk = new SdkClient(options => options with { Credential = Credential.Bearer("token", server.Url.ToString()), UserAgent = "ours/1" });
        var answer = await Lab(sdk, server.Url).AskAsync("a b", "ü", "x", Stop);
        Assert.Equal("ü", answer.GetProperty("args").GetProperty("q").GetString());
        var request = Assert.Single(server.Requests);
        Assert.Equal(("Bearer token", "ours/1", "x", "/anything/a%20b"), (request.Headers["Authorization"], request.Headers["User-Agent"], request.Headers["X-Own"], request.Path));
    }

    [Fact]
    public async Task Stream_is_read_as_it_comes_and_a_status_stays_Refits_error()
    {
        await using var server = LabEndpoints.MapTo(LoopbackServer.Start());
        await using var sdk = new SdkClient();
        var lab = Lab(sdk, server.Url);
        using var reader = new StreamReader(await lab.LinesAsync(3, Stop));
        var lines = 0;
        while (await reader.ReadLineAsync(Stop) is not null)
            lines++;
        Assert.Equal(3, lines);
        Assert.Equal(404, (int)(await Assert.ThrowsAsync<ApiException>(() => lab.MissingAsync(Stop))).StatusCode);
    }

    [Fact]
    public async Task Our_retries_serve_an_sdk_that_has_none()
    {
        await using var server = LabEndpoints.MapTo(LoopbackServer.Start());
        await using var sdk = new SdkClient(options => options with { Retry = RetryOptions.Default with { BaseDelay = TimeSpan.Zero } });
        using var response = await Lab(sdk, server.Url).FlakyAsync("refit", Stop);
        Assert.Equal((200, 3), ((int)response.StatusCode, server.Requests.Count));
    }

    [Fact]
    public async Task Failure_holds_our_error()
    {
        await using var server = LabEndpoints.MapTo(LoopbackServer.Start()).Inject(Fault.Truncate() with { AtConnection = true });
        await using var sdk = new SdkClient();
        var error = await Assert.ThrowsAnyAsync<Exception>(() => Lab(sdk, server.Url).AskAsync("x", "q", "o", Stop));
        Assert.IsType<ConnectionException>(SdkClient.Ours<NetworkException>(error));
        await using var denied = new SdkClient(SdkClient.PublicOnly);
        var denial = await Assert.ThrowsAnyAsync<Exception>(() => Lab(denied, server.Url).AskAsync("x", "q", "o", Stop));
        Assert.Equal(ErrorCodes.PolicyDenied, SdkClient.Ours<PolicyException>(denial).Code);
    }
}
