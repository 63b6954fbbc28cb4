using Codomyrmex.Networking.Extensions;
using Codomyrmex.Networking.Http;
using Codomyrmex.Networking.Resilience;
using Codomyrmex.Networking.Security;
using Codomyrmex.Networking.Testing;
using Codomyrmex.Networking.Transport;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;

namespace Codomyrmex.Networking.Tests.Unit.Extensions;

public class ServiceCollectionTests
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    private static MockTransport Echo()
    {
        var mock = new MockTransport();
        mock.When("*", "*").Reply(200, "{}");
        return mock;
    }

    private static IConfiguration Settings(params (string Key, string Value)[] settings) =>
        new ConfigurationBuilder().AddInMemoryCollection(settings.Select(setting => KeyValuePair.Create(setting.Key, (string?)setting.Value))).Build();

    [Fact]
    public void Default_and_named_clients_come_from_the_container_once_each()
    {
        using var provider = new ServiceCollection().AddCodomyrmexNetworking().AddHTTPClient("api", options => options with { BaseUrl = "https://api.example.com/" }).BuildServiceProvider();
        var clients = provider.GetRequiredService<IHTTPClients>();
        Assert.Same(provider.GetRequiredService<HTTPClient>(), clients.Get(""));
        Assert.Same(clients.Get("api"), clients.Get("api"));
        Assert.Equal("https://api.example.com/", clients.Get("api").Options.BaseUrl);
        Assert.Null(clients.Get("").Options.BaseUrl);
    }

    [Fact]
    public void Unknown_name_is_answered_with_the_known_ones()
    {
        using var provider = new ServiceCollection().AddCodomyrmexNetworking().AddHTTPClient("api", options => options).BuildServiceProvider();
        var error = Assert.Throws<ArgumentException>(() => provider.GetRequiredService<IHTTPClients>().Get("apu"));
        Assert.Contains("'apu'", error.Message);
        Assert.Contains("'api'", error.Message);
    }

    [Fact]
    public void Later_changes_are_made_to_the_result_of_earlier_ones()
    {
        using var provider = new ServiceCollection().AddCodomyrmexNetworking()
            .AddHTTPClient("api", options => options with { UserAgent = "one", BaseUrl = "https://api.example.com/" })
            .AddHTTPClient("api", options => options with { UserAgent = options.UserAgent + " two" })
            .BuildServiceProvider();
        var options = provider.GetRequiredService<IHTTPClients>().Get("api").Options;
        Assert.Equal(("one two", "https://api.example.com/"), (options.UserAgent, options.BaseUrl));
    }

    [Fact]
    public void Containers_clock_and_logger_are_used()
    {
        var clock = new FakeTimeProvider();
        using var provider = new ServiceCollection().AddLogging().AddSingleton<TimeProvider>(clock).AddCodomyrmexNetworking().BuildServiceProvider();
        var options = provider.GetRequiredService<HTTPClient>().Options;
        Assert.Same(clock, options.Clock);
        Assert.NotNull(options.Logger);
    }

    [Fact]
    public void Profile_is_added_as_it_is_with_the_containers_clock_and_logger()
    {
        var clock = new FakeTimeProvider();
        using var provider = new ServiceCollection().AddLogging().AddSingleton<TimeProvider>(clock).AddCodomyrmexNetworking().AddHTTPClient("models", HTTPProfiles.Llm).BuildServiceProvider();
        var options = provider.GetRequiredService<IHTTPClients>().Get("models").Options;
        Assert.Equal((HTTPProfiles.Llm.Timeouts, 0), (options.Timeouts, options.Redirects.Limit));
        Assert.Same(clock, options.Clock);
        Assert.NotNull(options.Logger);
    }

    [Fact]
    public async Task Disposing_the_container_closes_its_clients()
    {
        HTTPClient client;
        using (var provider = new ServiceCollection().AddCodomyrmexNetworking().BuildServiceProvider())
            client = provider.GetRequiredService<HTTPClient>();
        await Assert.ThrowsAsync<ObjectDisposedException>(() => client.GetAsync("http://127.0.0.1:1/", cancellationToken: Stop));
    }

    [Fact]
    public void Settings_are_bound_from_configuration()
    {
        var section = Settings(
            ("BaseUrl", "https://api.example.com/"), ("Timeout", "00:00:07"), ("ConnectTimeout", "00:00:02"), ("Retries", "5"), ("Redirects", "1"), ("Policy", "public-only"),
            ("Allow:0", "10.1.0.0/16:443"), ("Deny:0", "example.org"), ("Proxy", "http://proxy.test:3128"), ("ProxyTrustedForEgress", "true"), ("MaxConnectionsPerHost", "3"));
        using var provider = new ServiceCollection().AddCodomyrmexNetworking().AddHTTPClient("api", section).BuildServiceProvider();
        var options = provider.GetRequiredService<IHTTPClients>().Get("api").Options;
        Assert.Equal(("https://api.example.com/", TimeSpan.FromSeconds(7), TimeSpan.FromSeconds(2)), (options.BaseUrl, options.Timeouts.Total, options.Timeouts.Connect));
        Assert.Equal((5, 1, 3), (options.Retry.Retries, options.Redirects.Limit, options.Transport.Pool.MaxConnectionsPerHost));
        Assert.Equal(("proxy.test", true), (options.Transport.Proxy!.Host, options.Transport.Proxy.TrustedForEgress));
        Assert.True(options.Transport.Policy.CheckAddress("https", "internal.test", System.Net.IPAddress.Parse("10.1.2.3"), 443).IsAllowed);
        Assert.False(options.Transport.Policy.CheckTarget("https", "example.org", 443).IsAllowed);
    }

    [Theory]
    [InlineData("BaseUrl", "ftp://x/", "BaseUrl")]
    [InlineData("Policy", "everything", "everything")]
    [InlineData("Allow:0", "10.0.0.0/99", "10.0.0.0/99")]
    [InlineData("Timeout", "-00:00:01", "Total")]
    [InlineData("Proxy", "gopher://x", "gopher")]
    [InlineData("Retries", "-1", "Retries")]
    public void Wrong_setting_is_refused_when_the_program_starts_and_named(string key, string value, string named)
    {
        using var provider = new ServiceCollection().AddCodomyrmexNetworking().AddHTTPClient("api", Settings((key, value))).BuildServiceProvider();
        var error = Assert.Throws<OptionsValidationException>(() => provider.GetRequiredService<IStartupValidator>().Validate());
        Assert.Contains("'api'", error.Message);
        Assert.Contains(named, error.Message);
    }

    [Fact]
    public async Task Client_of_IHttpClientFactory_sends_through_ours_under_our_policy()
    {
        var mock = Echo();
        var services = new ServiceCollection().AddCodomyrmexNetworking().AddHTTPClient("guarded", options => options with
        {
            MessageHandler = mock,
            MessageHandlerTrustedForEgress = true,
            Transport = TransportOptions.Default with { Policy = EgressPolicy.PublicInternetOnly },
            Credential = Credential.Bearer("token", "https://api.example.com"),
        });
        services.AddHttpClient("sdk").UseHTTPClient("guarded");
        await using var provider = services.BuildServiceProvider();
        var http = provider.GetRequiredService<IHttpClientFactory>().CreateClient("sdk");
        Assert.Equal("{}", await http.GetStringAsync("https://api.example.com/v1", Stop));
        Assert.Equal("Bearer token", Assert.Single(mock.Calls).Headers["Authorization"]);
        var error = await Assert.ThrowsAsync<HttpRequestException>(() => http.GetStringAsync("http://169.254.169.254/", Stop));
        Assert.IsType<PolicyException>(error.InnerException);
    }

    [Fact]
    public async Task Our_client_sends_through_the_factorys_handlers()
    {
        await using var server = LabEndpoints.MapTo(LoopbackServer.Start());
        var services = new ServiceCollection().AddCodomyrmexNetworking().AddHTTPClientOverFactory("api");
        services.AddHttpClient("api").AddHttpMessageHandler(() => new Stamping());
        services.AddHTTPClient("api", options => options with { Retry = RetryOptions.None });
        await using var provider = services.BuildServiceProvider();
        using var response = await provider.GetRequiredService<IHTTPClients>().Get("api").GetAsync(server.Url + "redirect/1", cancellationToken: Stop);
        Assert.Equal((200, 1), (response.Status, response.History.Count));
        Assert.All(server.Requests, request => Assert.Equal("yes", request.Headers["X-Stamp"]));
        Assert.Equal(2, server.Requests.Count);
    }

    private sealed class Stamping : DelegatingHandler
    {
        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            request.Headers.Add("X-Stamp", "yes");
            return base.SendAsync(request, cancellationToken);
        }
    }
}
