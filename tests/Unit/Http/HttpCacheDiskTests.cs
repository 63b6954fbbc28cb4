using Codomyrmex.Networking.Http;
using Codomyrmex.Networking.Resilience;
using Codomyrmex.Networking.Testing;
using Microsoft.Extensions.Time.Testing;
using static System.Text.Encoding;

namespace Codomyrmex.Networking.Tests.Unit.Http;

/// <summary>What a cache leaves on disk, and what it makes of what it finds there.</summary>
public class HttpCacheDiskTests
{
    private const string Url = "http://service.test/a";

    private readonly FakeTimeProvider _clock = new(new DateTimeOffset(2026, 11, 24, 12, 0, 0, TimeSpan.Zero));
    private readonly MockTransport _server = new();

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    private HTTPClient Client(HttpCache cache, Credential? credential = null, HeaderMap? headers = null) => new(new HTTPClientOptions
    {
        MessageHandler = _server,
        Clock = _clock,
        Cache = cache,
        Retry = RetryOptions.None,
        Credential = credential,
        Headers = headers ?? new(),
    });

    private static MockReply Answer(string body, params (string Name, string Value)[] fields) =>
        MockReply.Text(200, body) with { Headers = new HeaderMap(fields.Select(field => KeyValuePair.Create(field.Name, field.Value))) };

    private static async Task<(CacheOutcome Outcome, string Text)> GetAsync(HTTPClient client, string url = Url)
    {
        using var response = await client.GetAsync(url, cancellationToken: Stop);
        return (response.Cache, response.Text);
    }

    [Fact]
    public async Task Cache_on_disk_outlives_the_process_and_is_the_owners_alone()
    {
        using var place = new TemporaryDirectory();
        _server.When("GET", Url).Reply(Answer("kept", ("Cache-Control", "max-age=60"), ("Vary", "Accept")));
        using (var before = Client(new HttpCache(new HttpCacheOptions { Directory = place.Path })))
            await GetAsync(before);
        var file = Assert.Single(Directory.GetFiles(place.Path));
        if (!OperatingSystem.IsWindows())
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(file));
        using var after = Client(new HttpCache(new HttpCacheOptions { Directory = place.Path }));
        Assert.Equal((CacheOutcome.Hit, "kept"), await GetAsync(after));
        after.Options.Cache!.Remove(new Uri(Url));
        Assert.Empty(Directory.GetFiles(place.Path));
    }

    [Theory]
    [InlineData(new byte[] { })]
    [InlineData(new byte[] { 1, 2, 3 })]
    [InlineData(new byte[] { 255, 255, 255, 127, 255, 255, 255, 127, 1 })]
    [InlineData(new byte[] { 255, 255, 255, 255, 0, 0, 0, 0 })]
    [InlineData(new byte[] { 2, 0, 0, 0, 0, 0, 0, 0, (byte)'{', (byte)'}' })]
    public async Task Damaged_file_counts_as_nothing_stored(byte[] content)
    {
        using var place = new TemporaryDirectory();
        _server.When("GET", Url).Reply(Answer("kept", ("Cache-Control", "max-age=60")));
        using (var before = Client(new HttpCache(new HttpCacheOptions { Directory = place.Path })))
            await GetAsync(before);
        await File.WriteAllBytesAsync(Assert.Single(Directory.GetFiles(place.Path)), content, Stop);
        using var after = Client(new HttpCache(new HttpCacheOptions { Directory = place.Path }));
        Assert.Equal((CacheOutcome.Miss, "kept"), await GetAsync(after));
    }

    [Fact]
    public async Task Disk_stays_within_its_limit()
    {
        using var place = new TemporaryDirectory();
        _server.When("GET", "*").Reply(Answer(new string('x', 10_000), ("Cache-Control", "max-age=60")));
        using var client = Client(new HttpCache(new HttpCacheOptions { Directory = place.Path, DiskBytes = 50_000, MemoryBytes = 0 }));
        for (var i = 0; i < 12; i++)
            await GetAsync(client, $"http://service.test/{i}");
        Assert.InRange(Directory.GetFiles(place.Path).Sum(file => new FileInfo(file).Length), 10_000, 50_000);
        Assert.Equal(CacheOutcome.Hit, (await GetAsync(client, "http://service.test/11")).Outcome);
    }

    [Fact]
    public async Task No_secret_of_a_request_is_in_the_file_also_where_the_answer_varies_by_it()
    {
        using var place = new TemporaryDirectory();
        _server.When("GET", Url).Reply(Answer("mine", ("Cache-Control", "max-age=60"), ("Vary", "Authorization, Cookie, X-Tenant-On-Disk")));
        var fields = new HeaderMap { ["Cookie"] = "sid=c00kie", ["X-Tenant-On-Disk"] = "t3nant" };
        var credential = Credential.Bearer("t0ken");
        _ = Credential.ApiKey("another", "X-Tenant-On-Disk");
        using (var before = Client(new HttpCache(new HttpCacheOptions { Directory = place.Path }), credential, fields))
            Assert.Equal((CacheOutcome.Miss, "mine"), await GetAsync(before));
        var file = await File.ReadAllTextAsync(Assert.Single(Directory.GetFiles(place.Path)), Stop);
        Assert.All(["t0ken", "c00kie", "t3nant"], secret => Assert.DoesNotContain(secret, file));
        using var after = Client(new HttpCache(new HttpCacheOptions { Directory = place.Path }), credential, fields);
        Assert.Equal((CacheOutcome.Hit, "mine"), await GetAsync(after));
        using var other = Client(new HttpCache(new HttpCacheOptions { Directory = place.Path }), Credential.Bearer("other"), fields);
        Assert.Equal((CacheOutcome.Miss, "mine"), await GetAsync(other));
    }

    [Fact]
    public async Task File_with_a_null_where_a_name_should_be_counts_as_nothing_stored()
    {
        using var place = new TemporaryDirectory();
        _server.When("GET", Url).Reply(Answer("kept", ("Cache-Control", "max-age=60")));
        using (var before = Client(new HttpCache(new HttpCacheOptions { Directory = place.Path })))
            await GetAsync(before);
        var path = Assert.Single(Directory.GetFiles(place.Path));
        var text = Latin1.GetString(await File.ReadAllBytesAsync(path, Stop));
        const string Name = "\"Cache-Control\"";
        Assert.Contains(Name, text);
        // As long as before, so that the lengths in front hold.
        await File.WriteAllBytesAsync(path, Latin1.GetBytes(text.Replace(Name, "null".PadRight(Name.Length), StringComparison.Ordinal)), Stop);
        using var after = Client(new HttpCache(new HttpCacheOptions { Directory = place.Path }));
        Assert.Equal((CacheOutcome.Miss, "kept"), await GetAsync(after));
    }
}
